import { describe, expect, it } from 'vitest';
import { deleteRecords } from '../../../../../src/core/log/kafka/wire/messages/delete-records.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { listOffsets } from '../../../../../src/core/log/kafka/wire/messages/list-offsets.ts';
import { offsetFetch } from '../../../../../src/core/log/kafka/wire/messages/offset-fetch.ts';
import type { Carried } from '../../../../../src/core/log/kafka/wire/codec.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { lost, ScriptedCluster } from './scripted-cluster.ts';

const place = (partition: number) => ({ topic: 'in', partition });
type ListRequest = Carried<(typeof listOffsets)['request']>;

/** Starts at 10, is stable up to 20 and ends at 30, each plus the partition. */
function listed({ topics, isolation }: ListRequest, errorCode = 0) {
  return {
    throttleMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, timestamp }) => {
        const end = isolation === 1 ? 20 : 30;
        const offset = (timestamp === -2 ? 10 : end) + partition;
        return { partition, errorCode, timestamp: -1, offset: errorCode === 0 ? offset : -1 };
      }),
    })),
  };
}

describe('Ends', () => {
  it('are those of the log and of its stable part, in the order asked for', async () => {
    const cluster = new ScriptedCluster().answers(listOffsets, (request) => listed(request));
    const ends = await cluster.run(cluster.admin().ends([place(5), place(0)]));
    expect(ends).toEqual([
      { logStartOffset: 15, lastStableOffset: 25, logEndOffset: 35 },
      { logStartOffset: 10, lastStableOffset: 20, logEndOffset: 30 },
    ]);
  });

  it('are asked for in an order in which the stable part never exceeds the log', async () => {
    const cluster = new ScriptedCluster().answers(listOffsets, (request) => listed(request));
    await cluster.run(cluster.admin().ends([place(0)]));
    const asked = cluster.sent(listOffsets).map(({ isolation, topics }) => {
      return [topics[0]?.partitions[0]?.timestamp, isolation];
    });
    expect(asked).toEqual([
      [-2, 0],
      [-1, 1],
      [-1, 0],
    ]);
  });

  it('take one request for each leader', async () => {
    const cluster = new ScriptedCluster().answers(listOffsets, (request) => listed(request));
    cluster.connections.leader = ({ partition }) => (partition % 2) + 1;
    await cluster.run(cluster.admin().ends([0, 1, 2, 3].map(place)));
    expect(cluster.sent(listOffsets)).toHaveLength(2 * 3);
  });

  it('of nothing ask nobody', async () => {
    const cluster = new ScriptedCluster();
    expect(await cluster.run(cluster.admin().ends([]))).toEqual([]);
  });

  it.each([5, 6, 9, 56, 74, 75, 78])('are asked of the new leader after %i', async (errorCode) => {
    const cluster = new ScriptedCluster().answers(
      listOffsets,
      (request) => listed(request, errorCode),
      lost,
      (request) => listed(request),
    );
    const [ends] = await cluster.run(cluster.admin().ends([place(0)]));
    expect(ends?.logStartOffset).toBe(10);
    expect(cluster.connections.forgotten).toEqual(['in', 'in']);
  });

  it('of a new topic are waited for, of a missing one not for long', async () => {
    const cluster = new ScriptedCluster();
    let isThere = false;
    cluster.connections.leader = () => {
      if (isThere) return 1;
      throw new LogError('fatal', 'TOPIC_MISSING', 'There is none.');
    };
    cluster.answers(listOffsets, (request) => listed(request));
    const missing = cluster.run(cluster.admin().ends([place(0)]));
    await expect(missing).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    expect(cluster.nowMs).toBeLessThan(5_000);
    cluster.runtime.scheduler.after(1_000, () => (isThere = true));
    expect(await cluster.run(cluster.admin().ends([place(0)]))).toHaveLength(1);
  });

  it('that an answer leaves out are no ends', async () => {
    const cluster = new ScriptedCluster().answers(listOffsets, () => ({
      throttleMs: 0,
      topics: [],
    }));
    const refused = cluster.run(cluster.admin().ends([place(0)]));
    await expect(refused).rejects.toMatchObject({ code: 'CORRUPT_ANSWER', where: place(0) });
  });
});

type Fetched = readonly [partition: number, offset: number, errorCode?: number];

function fetched(...rows: readonly Fetched[]) {
  const partitions = rows.map(([partition, offset, errorCode = 0]) => ({
    ...{ partition, offset, errorCode, leaderEpoch: -1 },
    metadata: offset < 0 ? null : `at ${offset}`,
  }));
  return { throttleMs: 0, topics: [{ topic: 'in', partitions }], errorCode: 0 };
}

describe('Committed offsets', () => {
  it('come in the order asked for, null where there is none', async () => {
    const cluster = new ScriptedCluster().answers(offsetFetch, () => fetched([0, -1], [2, 7]));
    const offsets = await cluster.run(
      cluster.admin().committedOffsets('app', [place(2), place(0)]),
    );
    expect(offsets).toEqual([{ offset: 7, metadata: 'at 7' }, null]);
  });

  it('K12: are asked for as stable, and waited for while some are pending', async () => {
    const cluster = new ScriptedCluster().answers(
      offsetFetch,
      () => fetched([0, -1, 88], [2, 7]),
      () => fetched([0, -1, 88], [2, 8]),
      () => fetched([0, 5], [2, 9]),
    );
    const offsets = await cluster.run(
      cluster.admin().committedOffsets('app', [place(0), place(2)]),
    );
    expect(offsets.map((committed) => committed?.offset)).toEqual([5, 9]);
    expect(cluster.sent(offsetFetch).every(({ requireStable }) => requireStable)).toBe(true);
    expect(cluster.nowMs).toBe(10 + 20);
  });

  it('committed last are told whatever is pending', async () => {
    const cluster = new ScriptedCluster().answers(offsetFetch, () => fetched([0, 3]));
    const admin = cluster.admin();
    expect(await cluster.run(admin.committedOffsets('app', [place(0)], 'last'))).toHaveLength(1);
    expect(cluster.sent(offsetFetch)[0]?.requireStable).toBe(false);
  });

  it('that stay pending are given up after a minute, to be asked for again', async () => {
    const cluster = new ScriptedCluster().answers(offsetFetch, () => fetched([0, -1, 88]));
    const refused = cluster.run(cluster.admin().committedOffsets('app', [place(0)]));
    await expect(refused).rejects.toMatchObject({ errorClass: 'retriable', where: place(0) });
    expect(cluster.nowMs).toBeGreaterThanOrEqual(60_000);
    expect(cluster.nowMs).toBeLessThan(61_000);
  });

  it.each([14, 15, 16])(
    'are asked of the coordinator of the moment after %i',
    async (errorCode) => {
      const cluster = new ScriptedCluster().answers(
        offsetFetch,
        () => ({ ...fetched(), errorCode }),
        lost,
        () => fetched([0, 3]),
      );
      await cluster.run(cluster.admin().committedOffsets('app', [place(0)]));
      const looks = errorCode === 14 ? ['group app'] : ['group app', 'group app'];
      expect(cluster.connections.forgotten).toEqual(looks);
    },
  );

  it('without the right to the group name both', async () => {
    const answer = () => ({ ...fetched(), errorCode: 30 });
    const cluster = new ScriptedCluster().answers(offsetFetch, answer);
    const refused = cluster.run(cluster.admin().committedOffsets('app', [place(0)]));
    await expect(refused).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' });
    await expect(refused).rejects.toThrow(/group 'app'.*Grant 'Describe' on the group/);
  });
});

describe('Fencing a producer', () => {
  const initialised = (errorCode: number) => () => ({
    ...{ throttleMs: 0, errorCode, producerId: 1, producerEpoch: 1 },
  });

  it('is done when what it had open has been aborted', async () => {
    const cluster = new ScriptedCluster();
    cluster.answers(initProducerId, initialised(51), initialised(16), lost, initialised(0));
    await cluster.run(cluster.admin().fenceProducer('dead'));
    expect(cluster.sent(initProducerId)).toHaveLength(4);
    const whoever = { transactionalId: 'dead', producerId: -1, producerEpoch: -1 };
    expect(cluster.sent(initProducerId)[0]).toMatchObject(whoever);
  });

  it('without the right to its id names both', async () => {
    const cluster = new ScriptedCluster().answers(initProducerId, initialised(53));
    const refused = cluster.run(cluster.admin().fenceProducer('dead'));
    await expect(refused).rejects.toThrow(/transactional id 'dead'.*Grant 'Write'/);
  });
});

describe('Records', () => {
  const deleted = (errorCode: number) => () => ({
    throttleMs: 0,
    topics: [{ topic: 'in', partitions: [{ partition: 2, lowWatermark: 5, errorCode }] }],
  });

  it('are deleted by the leader of the moment', async () => {
    const cluster = new ScriptedCluster().answers(deleteRecords, deleted(6), lost, deleted(0));
    await cluster.run(cluster.admin().deleteRecords([{ ...place(2), offset: 5 }]));
    expect(cluster.sent(deleteRecords).at(-1)?.topics).toEqual([
      { topic: 'in', partitions: [{ partition: 2, offset: 5 }] },
    ]);
  });

  it('are not deleted beyond the end', async () => {
    const cluster = new ScriptedCluster().answers(deleteRecords, deleted(1));
    const refused = cluster.run(cluster.admin().deleteRecords([{ ...place(2), offset: 5 }]));
    await expect(refused).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', where: place(2) });
  });
});
