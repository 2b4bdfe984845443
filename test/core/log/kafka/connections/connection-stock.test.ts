import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionStock } from '../../../../../src/core/log/kafka/connections/connection-stock.ts';
import { createDeferred } from '../../../../../src/core/log/group/deferred.ts';
import { fetch } from '../../../../../src/core/log/kafka/wire/messages/fetch.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { thrownBy } from '../../../../support/thrown.ts';
import { beat, connectTo, fetchRequest, rejection, startBroker } from './fixture.ts';

async function startStock() {
  const broker = await startBroker();
  const stock = new ConnectionStock(() => connectTo([broker]));
  onTestFinished(() => stock.close());
  return { broker, stock };
}

describe('the connections of a log', () => {
  it('those of a closed reader serve the next reader', async () => {
    const { broker, stock } = await startStock();
    for (let turn = 0; turn < 3; turn++) {
      const reader = stock.take('reader');
      await reader.call(1, heartbeat, beat);
      await reader.close();
    }
    expect(broker.sockets).toHaveLength(1);
  });

  it('readers that are open at the same time share none', async () => {
    const { broker, stock } = await startStock();
    const readers = [stock.take('reader'), stock.take('reader')];
    for (const reader of readers) await reader.call(1, heartbeat, beat);
    expect(broker.connectionsOf(heartbeat)).toEqual([0, 1]);
  });

  it('what a closed reader still waits for reaches neither it nor the next', async () => {
    const { broker, stock } = await startStock();
    const isThere = createDeferred<void>();
    broker.on(fetch, () => {
      isThere.resolve();
      return { fault: 'silence' };
    });
    const first = stock.take('reader');
    const waiting = rejection(first.call(1, fetch, fetchRequest));
    await isThere.promise;

    await first.close();

    expect(await waiting).toMatchObject({ code: 'LOG_CLOSED' });
    expect(await rejection(first.anyNode())).toMatchObject({ code: 'LOG_CLOSED' });
    const answer = { throttleMs: 0, errorCode: 0, sessionId: 0, topics: [] };
    broker.on(fetch, () => answer);
    expect(await stock.take('reader').call(1, fetch, fetchRequest)).toEqual(answer);
  });

  it('what a closed reader would send once it is connected is not sent', async () => {
    const { broker, stock } = await startStock();
    const first = stock.take('reader');
    const connecting = rejection(first.call(1, heartbeat, beat));
    await first.close();
    expect(await connecting).toMatchObject({ code: 'LOG_CLOSED' });
    await stock.take('reader').anyNode();
    expect(broker.connectionsOf(heartbeat)).toEqual([]);
  });

  it('those of writers and members are never used twice', async () => {
    const { broker, stock } = await startStock();
    for (const role of ['writer', 'member', 'writer'] as const) {
      const connections = stock.take(role);
      await connections.call(1, heartbeat, beat);
      await connections.close();
    }
    expect(broker.connectionsOf(heartbeat)).toEqual([0, 1, 2]);
    await broker.allClosed();
  });

  it('closing closes all, in use or idle, and gives out no more', async () => {
    const { broker, stock } = await startStock();
    const [idle, busy] = [stock.take('reader'), stock.take('reader')];
    for (const reader of [idle, busy]) await reader.call(1, heartbeat, beat);
    await idle.close();

    await stock.close();

    await broker.allClosed();
    expect(await rejection(busy.anyNode())).toMatchObject({ code: 'LOG_CLOSED' });
    expect(thrownBy(() => stock.take('reader')).code).toBe('LOG_CLOSED');
    await busy.close();
  });
});
