import { expect, it, onTestFinished } from 'vitest';
import { undecided } from '../../bench/log/read-topic.ts';
import { openKafkaConnections } from '../../src/core/log/kafka/connections/kafka-connections.ts';
import { endTxn } from '../../src/core/log/kafka/wire/messages/end-txn.ts';
import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';
import { transactionalId } from '../../src/core/topology/names.ts';
import { ALL_BYTES } from '../support/log-fixture.ts';
import { eachKafka, type SharedKafka } from './support/each-kafka.ts';
import { keptPartitions, KeptTopic } from './support/kept-topic.ts';

const keys = 2_000;
const shortSession = { sessionTimeout: 6_000 };
/** The source is transpiled for the first process of all. */
const patience = { timeout: 180_000 };
/** A test that waited for it would fail. */
const longTransaction = { transactionTimeoutMs: 600_000 };

/** The last batch that a transaction without an end holds. */
async function lastOpenBatch(topic: KeptTopic): Promise<RecordBatch> {
  const { log } = topic;
  const [place] = await undecided(log, await topic.outputPlaces());
  if (place === undefined) throw new Error('No transaction is open.');
  const [ends] = await log.admin.ends([place]);
  const reader = log.openReader({ isolation: 'read-uncommitted' });
  const from = { ...place, offset: ends?.lastStableOffset ?? 0 };
  const [fetched] = await reader.fetch([from], ALL_BYTES);
  await reader.close();
  const batch = fetched?.batches.at(-1);
  if (batch === undefined) throw new Error('The open transaction holds nothing.');
  return batch;
}

/** The broker's answer to a commit that arrives late. */
async function commitLate({ brokers }: SharedKafka, id: string, batch: RecordBatch) {
  const connections = openKafkaConnections({ brokers, clientId: 'late' });
  onTestFinished(() => connections.close());
  const { producerId, producerEpoch } = batch;
  const nodeId = await connections.coordinatorOf('transaction', id);
  const request = { transactionalId: id, producerId, producerEpoch, commits: true };
  return (await connections.call(nodeId, endTxn, request)).errorCode;
}

eachKafka('Who takes over from a dead worker', (shared) => {
  it('ends its open transaction and does not wait for the time-out', patience, async () => {
    const topic = new KeptTopic(shared);
    await topic.create();
    await topic.send(keys);
    await topic.keep({ machine: 'first', instanceId: 'one' });
    await topic.send(keys);
    const mortal = topic.start({
      ...{ machine: 'first', instanceId: 'one', ...shortSession, ...longTransaction },
      deathAt: { call: 'commit', nth: 1, moment: 'before' },
    });
    expect(await mortal.exited).toBe('SIGKILL');
    const open = await lastOpenBatch(topic);

    const second = topic.start({ machine: 'second', instanceId: 'two', ...shortSession });
    await topic.untilKept(second);
    const zombie = transactionalId(topic.application, 'one');
    const fencedEpochs = [47, 90];
    expect(fencedEpochs).toContain(await commitLate(shared, zombie, open));
    await second.stop();
    expect(await undecided(topic.log, await topic.outputPlaces())).toEqual([]);
    expect(await topic.received()).toEqual(topic.expected);
  });

  it('goes on from its standby and restores next to nothing', patience, async () => {
    const topic = new KeptTopic(shared);
    await topic.create();
    await topic.send(keys);
    const half = keptPartitions / 2;
    const pair = ['one', 'two'].map((instanceId) =>
      topic.start({ machine: instanceId, instanceId, ...shortSession, standbyReplicas: 1 }),
    );
    await Promise.all(
      pair.map((keeper) =>
        keeper.until((now) => now.runningTasks === half && now.readyCopies === half),
      ),
    );
    const [first, second] = pair;
    if (first === undefined || second === undefined) throw new Error('There are two.');
    await topic.untilKept(first);
    const before = second.report?.restoredRecords ?? 0;
    await first.kill();
    const fewRecords = 100;
    await topic.send(fewRecords);
    await second.until(({ runningTasks }) => runningTasks === keptPartitions);
    const after = second.report?.restoredRecords ?? 0;
    await topic.untilKept(second);
    await second.stop();
    expect(after - before).toBeLessThanOrEqual(fewRecords);
    expect(await topic.received()).toEqual(topic.expected);
  });
});
