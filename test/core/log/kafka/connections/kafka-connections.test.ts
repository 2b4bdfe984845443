import { describe, expect, it } from 'vitest';
import { findCoordinator } from '../../../../../src/core/log/kafka/wire/messages/find-coordinator.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { metadata } from '../../../../../src/core/log/kafka/wire/messages/metadata.ts';
import { createDeferred } from '../../../../../src/core/log/group/deferred.ts';
import {
  beat,
  connectTo,
  countTimers,
  expectTimersAtMost,
  rejection,
  startBroker,
} from './fixture.ts';

const unknownOutcome = { code: 'REQUEST_TIMED_OUT', errorClass: 'abort-and-reinitialise' };
const retriable = { code: 'BROKER_UNREACHABLE', errorClass: 'retriable' };

describe('the outcome of a request', () => {
  it('a late answer reaches nobody: what follows goes over a new connection', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    const node = await connections.anyNode();
    const late = createDeferred<{ throttleMs: number; errorCode: number }>();
    broker.on(heartbeat, () => late.promise);

    const inFlight = rejection(connections.call(node, heartbeat, beat));
    const timedOut = rejection(connections.call(node, heartbeat, beat, { timeoutMs: 50 }));
    expect(await timedOut).toMatchObject(unknownOutcome);
    expect(await inFlight).toMatchObject(unknownOutcome);

    broker.on(heartbeat, () => ({ throttleMs: 0, errorCode: 5 }));
    late.resolve({ throttleMs: 0, errorCode: 9 });
    expect(await connections.call(node, heartbeat, beat)).toMatchObject({ errorCode: 5 });
    expect(broker.sockets).toHaveLength(2);
  });

  it('is unknown when the connection closes before the answer', async () => {
    const broker = await startBroker();
    broker.on(heartbeat, () => ({ fault: 'hang-up' }));
    expect(await rejection(connectTo([broker]).call(1, heartbeat, beat))).toMatchObject(
      unknownOutcome,
    );
  });

  it('is known to be nothing when no connection can be made', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    await connections.anyNode();
    await broker.close();
    connections.reset(1);
    expect(await rejection(connections.call(1, heartbeat, beat))).toMatchObject(retriable);
  });

  it('a connection that was closed while idle is made anew without a word', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    await connections.call(1, heartbeat, beat);
    for (const socket of broker.sockets) socket.end();
    await broker.allClosed();
    await connections.call(1, heartbeat, beat);
    expect(broker.sockets).toHaveLength(2);
  });

  it('an answer that cannot be read is CORRUPT_ANSWER, and the next one is read', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    await connections.anyNode();
    broker.onKey(heartbeat.key, Buffer.of(1));
    const error = await rejection(connections.call(1, heartbeat, beat));
    expect(error).toMatchObject({ code: 'CORRUPT_ANSWER', errorClass: 'fatal' });
    broker.on(heartbeat, () => ({ throttleMs: 0, errorCode: 0 }));
    await connections.call(1, heartbeat, beat);
  });

  it('reset rejects what is in flight, and the next request is answered', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    const isThere = createDeferred<void>();
    broker.on(heartbeat, () => {
      isThere.resolve();
      return { fault: 'silence' };
    });
    const inFlight = rejection(connections.call(1, heartbeat, beat));
    await isThere.promise;

    connections.reset(1);

    expect(await inFlight).toMatchObject(unknownOutcome);
    broker.on(heartbeat, () => ({ throttleMs: 0, errorCode: 0 }));
    await connections.call(1, heartbeat, beat);
  });
});

describe('what is known of the cluster', () => {
  it('a node that is not known is looked for in the metadata', async () => {
    const [first, second] = [await startBroker(1), await startBroker(2)];
    const connections = connectTo([first]);
    await connections.anyNode();
    expect(await rejection(connections.call(2, heartbeat, beat))).toMatchObject(retriable);
    first.nodes.set(2, { host: '127.0.0.1', port: second.port });
    await connections.call(2, heartbeat, beat);
    expect(second.connectionsOf(heartbeat)).toEqual([0]);
  });

  it('one broker of several is enough to begin with', async () => {
    const [gone, there] = [await startBroker(1), await startBroker(2)];
    const addresses = [gone.address, there.address];
    await gone.close();
    const connections = connectTo(addresses);
    expect(await connections.anyNode()).toBe(2);
    expect(await connections.controller()).toBe(2);
  });

  it('a broker that moved to another address is found there', async () => {
    const [seed, before, after] = [
      await startBroker(1),
      await startBroker(2),
      await startBroker(2),
    ];
    seed.nodes.set(2, { host: '127.0.0.1', port: before.port });
    const connections = connectTo([seed]);
    await connections.call(2, heartbeat, beat);
    seed.nodes.set(2, { host: '127.0.0.1', port: after.port });
    await before.close();
    connections.reset(2);
    expect(await rejection(connections.call(2, heartbeat, beat))).toMatchObject(retriable);
    await connections.call(2, heartbeat, beat);
    expect(after.connectionsOf(heartbeat)).toEqual([0]);
  });

  it('leaders are remembered until they are forgotten', async () => {
    const broker = await startBroker();
    broker.topics = { in: [1, 2, -1] };
    const connections = connectTo([broker]);
    await connections.anyNode();
    const places = [1, 0].map((partition) => ({ topic: 'in', partition }));
    const asked = () => broker.connectionsOf(metadata).length;
    const before = asked();

    expect(await connections.leadersOf(places)).toEqual([2, 1]);
    broker.topics = { in: [2, 1, 1] };
    expect(await connections.leadersOf(places)).toEqual([2, 1]);
    expect(asked() - before).toBe(1);
    connections.forgetLeaders(['in']);
    expect(await connections.leadersOf(places)).toEqual([1, 2]);
  });

  it('a partition without a leader has null, and is asked about again', async () => {
    const broker = await startBroker();
    broker.topics = { in: [-1] };
    const connections = connectTo([broker]);
    expect(await connections.leadersOf([{ topic: 'in', partition: 0 }])).toEqual([null]);
    broker.topics = { in: [1] };
    expect(await connections.leadersOf([{ topic: 'in', partition: 0 }])).toEqual([1]);
  });

  it('what is forgotten while others are asked about is null, not missing', async () => {
    const broker = await startBroker();
    broker.topics = { in: [1], out: [1] };
    const connections = connectTo([broker]);
    const both = ['in', 'out'].map((topic) => ({ topic, partition: 0 }));
    await connections.leadersOf(both.slice(0, 1));
    const asked = connections.leadersOf(both);
    connections.forgetLeaders(['in']);
    expect(await asked).toEqual([null, 1]);
  });

  it('a topic or partition that does not exist is TOPIC_MISSING', async () => {
    const broker = await startBroker();
    broker.topics = { in: [1] };
    const connections = connectTo([broker]);
    for (const place of [
      { topic: 'out', partition: 0 },
      { topic: 'in', partition: 1 },
    ]) {
      const error = await rejection(connections.leadersOf([place]));
      expect(error).toMatchObject({ code: 'TOPIC_MISSING', errorClass: 'fatal' });
      expect(error.message).toContain(`'${place.topic}'`);
    }
  });

  it('coordinators are remembered until they are forgotten', async () => {
    const broker = await startBroker();
    const answer = (errorCode: number) => ({
      ...{ throttleMs: 0, errorCode, message: null, nodeId: 1 },
      ...{ host: '127.0.0.1', port: broker.port },
    });
    const connections = connectTo([broker]);
    broker.on(findCoordinator, () => answer(15));
    const error = await rejection(connections.coordinatorOf('group', 'g'));
    expect(error).toMatchObject({ code: 'BROKER_NOT_READY', errorClass: 'retriable' });

    broker.on(findCoordinator, () => answer(0));
    expect(await connections.coordinatorOf('group', 'g')).toBe(1);
    expect(await connections.coordinatorOf('group', 'g')).toBe(1);
    expect(broker.connectionsOf(findCoordinator)).toHaveLength(2);
    connections.forgetCoordinator('group', 'g');
    await connections.coordinatorOf('group', 'g');
    await connections.coordinatorOf('transaction', 'g');
    expect(broker.connectionsOf(findCoordinator)).toHaveLength(4);
  });

  it('a look-up whose answer is lost can be repeated: it changes nothing', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    await connections.anyNode();
    broker.on(findCoordinator, () => ({ fault: 'hang-up' }));
    expect(await rejection(connections.coordinatorOf('group', 'g'))).toMatchObject(retriable);
    broker.on(metadata, () => ({ fault: 'hang-up' }));
    expect(await rejection(connections.metadata([]))).toMatchObject(retriable);
  });
});

describe('closing', () => {
  it('rejects what is in flight and leaves no socket and no timer', async () => {
    const broker = await startBroker();
    const before = countTimers();
    const connections = connectTo([broker]);
    await connections.anyNode();
    broker.on(heartbeat, () => ({ fault: 'silence' }));
    const inFlight = rejection(connections.call(1, heartbeat, beat));

    await connections.close();

    expect(await inFlight).toMatchObject({ code: 'LOG_CLOSED' });
    await broker.allClosed();
    await expectTimersAtMost(before);
    expect(await rejection(connections.anyNode())).toMatchObject({ code: 'LOG_CLOSED' });
    expect(await rejection(connections.metadata([]))).toMatchObject({ code: 'LOG_CLOSED' });
  });

  it('ends a connect that is under way', async () => {
    const broker = await startBroker();
    broker.onKey(18, { fault: 'silence' });
    const connections = connectTo([broker]);
    const opening = rejection(connections.anyNode());
    await connections.close();
    expect(await opening).toMatchObject({ code: 'LOG_CLOSED' });
    await broker.allClosed();
  });
});
