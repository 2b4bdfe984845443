import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fetch } from '../../../../../src/core/log/kafka/wire/messages/fetch.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { joinGroup } from '../../../../../src/core/log/kafka/wire/messages/join-group.ts';
import { listOffsets } from '../../../../../src/core/log/kafka/wire/messages/list-offsets.ts';
import { metadata } from '../../../../../src/core/log/kafka/wire/messages/metadata.ts';
import { createSocketSet } from '../../../../../src/core/log/kafka/connections/socket-set.ts';
import type { ScriptedBroker } from '../../../../support/scripted-broker.ts';
import {
  beat,
  connectTo,
  countTimers,
  expectTimersAtMost,
  fetchRequest,
  rejection,
  startBroker,
} from './fixture.ts';

const apiVersions = { key: 18 };
const joinRequest = {
  ...{ group: 'g', sessionTimeoutMs: 1, rebalanceTimeoutMs: 1, memberId: '', instanceId: null },
  ...{ protocolType: 'consumer', protocols: [] },
};

describe('the hazards of the connection layer', () => {
  it('K22: a silent peer costs one time-out and no hidden retries', async () => {
    const broker = await startBroker();
    broker.onKey(apiVersions.key, { fault: 'silence' });
    const connections = connectTo([broker], {}, { connectMs: 50, requestMs: 50 });

    const error = await rejection(connections.anyNode());

    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    expect(error.message).toContain(broker.address);
    expect(broker.connectionsOf(apiVersions)).toEqual([0]);
  });

  it('K22: a request may be given less time than connecting', { timeout: 9_000 }, async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    broker.on(heartbeat, () => ({ fault: 'silence' }));
    const node = await connections.anyNode();

    const error = await rejection(connections.call(node, heartbeat, beat, { timeoutMs: 50 }));

    expect(error).toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      errorClass: 'abort-and-reinitialise',
    });
  });

  for (const afterBytes of [2, 6, 40]) {
    it(`K23: an answer cut after ${afterBytes} bytes spoils nothing that follows`, async () => {
      const broker = await startBroker();
      const connections = connectTo([broker]);
      const node = await connections.anyNode();
      broker.on(heartbeat, () => ({ fault: 'cut', afterBytes }));

      const error = await rejection(connections.call(node, heartbeat, beat));
      expect(error.code).toBe('REQUEST_TIMED_OUT');

      broker.on(heartbeat, () => ({ throttleMs: 0, errorCode: 7 }));
      expect(await connections.call(node, heartbeat, beat)).toMatchObject({ errorCode: 7 });
    });
  }

  it('K23: a connection that is reset is noticed by all that wait on it', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    const node = await connections.anyNode();
    broker.on(heartbeat, () => ({ fault: 'reset' }));

    const all = await Promise.all(
      [1, 2, 3].map(() => rejection(connections.call(node, heartbeat, beat))),
    );

    expect(all.map(({ code }) => code)).toEqual(Array(3).fill('REQUEST_TIMED_OUT'));
    expect(broker.sockets).toHaveLength(1);
  });

  it('K23: a socket that is destroyed without an error has one all the same', async () => {
    const broker = await startBroker();
    const socket: Socket = createSocketSet().open({
      ...place(broker),
      onConnect: () => socket.destroy(),
    });
    const error = await new Promise((resolve) => socket.once('error', resolve));
    expect(error).toEqual(new Error('closed'));
  });

  it('K24: the first requests of a connection open one socket together', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);

    await Promise.all(Array.from({ length: 8 }, () => connections.call(1, heartbeat, beat)));

    expect(broker.sockets).toHaveLength(1);
    expect(broker.connectionsOf(apiVersions)).toEqual([0]);
  });

  it('K25: sockets send at once, without the algorithm of Nagle', async () => {
    const broker = await startBroker();
    const sockets = createSocketSet();
    const isSet = await new Promise<unknown>((resolve) => {
      const socket: Socket = sockets.open({
        ...place(broker),
        onConnect: () => {
          const state = Object.getOwnPropertySymbols(socket).find(
            ({ description }) => description === 'kSetNoDelay',
          );
          resolve(state === undefined ? state : Reflect.get(socket, state));
        },
      });
      // Closing it breaks it with an error.
      socket.on('error', () => undefined);
    });
    expect(isSet).toBe(true);
    await sockets.close();
  });

  it('K26: an idle connection has one timer, that of its time-outs', async () => {
    const broker = await startBroker();
    const connections = connectTo([broker]);
    const before = countTimers();

    await connections.call(await connections.anyNode(), heartbeat, beat);

    await expectTimersAtMost(before + 1);
  });

  it('K27: what a broker keeps waiting delays neither heartbeats nor offsets', async () => {
    const broker = await startBroker();
    broker.on(joinGroup, () => ({ fault: 'silence' }));
    broker.on(fetch, () => ({ fault: 'silence' }));
    broker.on(listOffsets, () => ({ throttleMs: 0, topics: [] }));
    const connections = connectTo([broker]);
    const node = await connections.anyNode();
    const waiting = [
      rejection(connections.call(node, joinGroup, joinRequest)),
      rejection(connections.call(node, fetch, fetchRequest)),
    ];

    const listed = { replicaId: -1, isolation: 0, topics: [] };
    await connections.call(node, heartbeat, beat);
    await connections.call(node, listOffsets, listed);

    await connections.close();
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual([
      'LOG_CLOSED',
      'LOG_CLOSED',
    ]);
  });

  it('K28: each broker is asked for its versions, at each connect', async () => {
    const [first, second] = [await startBroker(1), await startBroker(2)];
    first.nodes.set(2, { host: '127.0.0.1', port: second.port });
    second.versions.set(heartbeat.key, { min: 0, max: 2 });
    const connections = connectTo([first]);
    await connections.call(1, heartbeat, beat);

    const error = await rejection(connections.call(2, heartbeat, beat));

    expect(error).toMatchObject({ code: 'BROKER_TOO_OLD', errorClass: 'fatal' });
    for (const part of [second.address, 'Heartbeat', 'version 3', 'Kafka 3.1 or later']) {
      expect(error.message).toContain(part);
    }
    await second.allClosed();
    second.versions.set(heartbeat.key, { min: 0, max: 3 });
    await connections.call(2, heartbeat, beat);
    expect(second.connectionsOf(apiVersions)).toEqual([0, 1]);
  });

  it('K28: a version that a broker has dropped is refused before it is sent', async () => {
    const broker = await startBroker();
    broker.versions.set(metadata.key, { min: 13, max: 14 });
    const error = await rejection(connectTo([broker]).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_TOO_OLD' });
    expect(error.message).toContain('dropped Metadata version 12');
    expect(broker.connectionsOf(metadata)).toEqual([]);
  });
});

function place({ port }: ScriptedBroker) {
  const ssl = null as never; // as kafkajs gives it without TLS, against its types
  return { host: '127.0.0.1', port, ssl };
}
