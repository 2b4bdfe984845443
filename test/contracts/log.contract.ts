import { describe, expect, it } from 'vitest';
import type { Log, NewTopic } from '../../src/core/log/port.ts';
import {
  ALL_BYTES,
  batchAt,
  batchOf,
  commitAll,
  drain,
  NO_MEMBER,
  openWriter,
  PLACE,
  recordsIn,
  recordsOf,
} from '../support/log-fixture.ts';

type Law = (log: Log) => Promise<void>;

const topic = (name: string, partitions: number): NewTopic => ({
  topic: name,
  partitions,
  cleanup: 'compact',
  settings: {},
});
const offsetOf = (offset: number) => ({ ...PLACE, offset, metadata: `at ${offset}` });
const committed = (log: Log) => log.admin.committedOffsets(NO_MEMBER.group, [PLACE]);

export const adminLaws: Record<string, Law> = {
  'a topic is described as it was created, and a second creation changes nothing': async (log) => {
    await log.admin.createTopics([topic('rows', 3)]);
    await log.admin.createTopics([topic('rows', 5)]);
    const described = await log.admin.describeTopics(['rows']);
    expect(described.get('rows')).toMatchObject({
      topic: 'rows',
      partitions: 3,
      cleanup: 'compact',
    });
    expect(described.get('rows')?.maxMessageBytes).toBeGreaterThan(0);
  },
  'an internal topic that does not exist is not described, nor made by that': async (log) => {
    expect((await log.admin.describeTopics(['app-rows-changelog'])).size).toBe(0);
    const ends = log.admin.ends([{ topic: 'app-rows-changelog', partition: 0 }]);
    await expect(ends).rejects.toMatchObject({ code: 'TOPIC_MISSING', errorClass: 'fatal' });
  },
  'ends count records and markers, in the order asked for': async (log) => {
    await log.admin.createTopics([topic(PLACE.topic, 2)]);
    await commitAll(log, 'a=1', 'b=2');
    const empty = { logStartOffset: 0, lastStableOffset: 0, logEndOffset: 0 };
    const filled = { logStartOffset: 0, lastStableOffset: 3, logEndOffset: 3 };
    const other = { ...PLACE, partition: 1 };
    expect(await log.admin.ends([other, PLACE])).toEqual([empty, filled]);
  },
  'the last stable offset stays before an open transaction': async (log) => {
    await commitAll(log, 'a=1');
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('b=2')]);
    const [open] = await log.admin.ends([PLACE]);
    expect(open).toEqual({ logStartOffset: 0, lastStableOffset: 2, logEndOffset: 3 });
    await writer.abort();
    const [ended] = await log.admin.ends([PLACE]);
    expect(ended).toEqual({ logStartOffset: 0, lastStableOffset: 4, logEndOffset: 4 });
  },
  'deleted records are out of range': async (log) => {
    await commitAll(log, 'a=1');
    await commitAll(log, 'b=2');
    await log.admin.deleteRecords([{ ...PLACE, offset: 2 }]);
    expect((await log.admin.ends([PLACE]))[0]?.logStartOffset).toBe(2);
    expect(await recordsIn(log, 'read-committed', 2)).toEqual(['2:b=2']);
    const before = log.openReader({ isolation: 'read-committed' });
    const fetched = before.fetch([{ ...PLACE, offset: 1 }], ALL_BYTES);
    await expect(fetched).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  },
  'what a fenced producer had open is aborted, and it commits nothing any more': async (log) => {
    await commitAll(log, 'a=1');
    const dead = await openWriter(log, 'dead');
    await dead.produce([batchOf('b=2')]);
    await dead.sendOffsets([offsetOf(7)], NO_MEMBER);
    expect(await log.admin.committedOffsets(NO_MEMBER.group, [PLACE], 'last')).toEqual([null]);
    await log.admin.fenceProducer('dead');
    expect(await committed(log)).toEqual([null]);
    await expect(dead.commit()).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
    expect(await recordsIn(log)).toEqual(['0:a=1']);
  },
  'topics are listed until they are deleted, and made anew they are empty': async (log) => {
    await log.admin.createTopics([topic('rows', 1), topic('kept', 1)]);
    const writer = await openWriter(log, null);
    await writer.produce([batchAt({ topic: 'rows', partition: 0 }, 'a=1')]);
    expect(await log.admin.listTopics()).toEqual(expect.arrayContaining(['rows', 'kept']));
    await log.admin.deleteTopics(['rows', 'never-there-changelog']);
    const left = await log.admin.listTopics();
    expect(left).toContain('kept');
    expect(left).not.toContain('rows');
    await log.admin.createTopics([topic('rows', 1)]);
    const [ends] = await log.admin.ends([{ topic: 'rows', partition: 0 }]);
    expect(ends).toEqual({ logStartOffset: 0, lastStableOffset: 0, logEndOffset: 0 });
  },
  'a topic keeps its id, and one that is made anew has another': async (log) => {
    const idOf = async () => (await log.admin.describeTopics(['rows'])).get('rows')?.id;
    await log.admin.createTopics([topic('rows', 1)]);
    const first = await idOf();
    expect(first).toEqual(expect.any(String));
    expect(await idOf()).toBe(first);
    await log.admin.deleteTopics(['rows']);
    await log.admin.createTopics([topic('rows', 1)]);
    const second = await idOf();
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
  },
  'settings are told by name, of topics that are there': async (log) => {
    await log.admin.createTopics([{ ...topic('rows', 1), settings: { 'retention.ms': '77' } }]);
    const names = ['retention.ms', 'cleanup.policy'];
    const settings = await log.admin.topicSettings(['rows', 'no-such-changelog'], names);
    expect([...settings.keys()]).toEqual(['rows']);
    expect(settings.get('rows')?.get('retention.ms')).toBe('77');
    expect(settings.get('rows')?.get('cleanup.policy')).toBe('compact');
  },
  'a group without members is forgotten with its offsets': async (log) => {
    await commitAll(log, 'a=1');
    const writer = await openWriter(log, null);
    await writer.sendOffsets([offsetOf(1)], NO_MEMBER);
    expect(await committed(log)).toEqual([{ offset: 1, metadata: 'at 1' }]);
    expect(await log.admin.groupMembers(NO_MEMBER.group)).toBe(0);
    await log.admin.deleteGroup(NO_MEMBER.group);
    expect(await committed(log)).toEqual([null]);
    await log.admin.deleteGroup(NO_MEMBER.group);
  },
  'a group that committed nothing has no offset': async (log) => {
    await commitAll(log, 'a=1');
    expect(await committed(log)).toEqual([null]);
  },
};

export const readerLaws: Record<string, Law> = {
  'records are read in order, each with its offset, up to the end': async (log) => {
    await commitAll(log, 'a=1', 'b');
    await commitAll(log, 'c=3');
    const reader = log.openReader({ isolation: 'read-committed' });
    expect(await drain(reader)).toEqual({ records: ['0:a=1', '1:b', '3:c=3'], offset: 5 });
  },
  'the answer holds each partition asked for, with its ends': async (log) => {
    await commitAll(log, 'a=1');
    const reader = log.openReader({ isolation: 'read-committed' });
    const places = [PLACE, { ...PLACE, partition: 1 }];
    const fetched = await reader.fetch(
      places.map((place) => ({ ...place, offset: 0 })),
      ALL_BYTES,
    );
    const answered = fetched.map(({ partition, ends }) => [partition, ends.logEndOffset]);
    expect(answered).toEqual([
      [0, 2],
      [1, 0],
    ]);
  },
  'a first batch above the bound is returned, and no other beside it': async (log) => {
    await commitAll(log, 'a=1');
    await commitAll(log, 'b=2');
    const reader = log.openReader({ isolation: 'read-committed' });
    const options = { maxWaitMs: 0, maxPartitionBytes: 1 };
    const [fetched] = await reader.fetch([{ ...PLACE, offset: 0 }], options);
    expect(fetched?.batches.flatMap((batch) => recordsOf(batch))).toEqual(['0:a=1']);
    const [next] = await reader.fetch([{ ...PLACE, offset: fetched?.nextOffset ?? 0 }], options);
    expect(next?.batches.flatMap((batch) => recordsOf(batch))).toEqual(['2:b=2']);
  },
  'a position beyond the end is refused, never moved': async (log) => {
    await commitAll(log, 'a=1');
    const reader = log.openReader({ isolation: 'read-committed' });
    const fetched = reader.fetch([{ ...PLACE, offset: 3 }], ALL_BYTES);
    await expect(fetched).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      errorClass: 'fatal',
      where: { ...PLACE, offset: 3 },
    });
  },
  'a waiting fetch resolves when a record comes': async (log) => {
    await log.admin.describeTopics([PLACE.topic]);
    const reader = log.openReader({ isolation: 'read-committed' });
    const options = { ...ALL_BYTES, maxWaitMs: 30_000 };
    const waiting = reader.fetch([{ ...PLACE, offset: 0 }], options);
    await commitAll(log, 'a=1');
    const [fetched] = await waiting;
    expect(fetched?.batches.flatMap((batch) => recordsOf(batch))).toEqual(['0:a=1']);
  },
  'a waiting fetch that is woken answers before one that waits for its time': async (log) => {
    await log.admin.describeTopics([PLACE.topic]);
    const settled: string[] = [];
    const fetch = async (name: string, maxWaitMs: number) => {
      const reader = log.openReader({ isolation: 'read-committed' });
      const fetching = reader.fetch([{ ...PLACE, offset: 0 }], { ...ALL_BYTES, maxWaitMs });
      if (name === 'woken') reader.wakeUp();
      const [fetched] = await fetching;
      settled.push(`${name} with ${fetched?.batches.length} batches`);
    };
    await Promise.all([fetch('patient', 200), fetch('woken', 400)]);
    expect(settled).toEqual(['woken with 0 batches', 'patient with 0 batches']);
  },
  'a closed reader refuses': async (log) => {
    await commitAll(log, 'a=1');
    const reader = log.openReader({ isolation: 'read-committed' });
    await reader.close();
    const fetched = reader.fetch([{ ...PLACE, offset: 0 }], ALL_BYTES);
    await expect(fetched).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  },
};

export const writerLaws: Record<string, Law> = {
  'a receipt names the partition and the first offset of its batch': async (log) => {
    await log.admin.createTopics([topic(PLACE.topic, 2)]);
    const writer = await openWriter(log, null);
    await writer.produce([batchOf('a=1', 'b=2')]);
    const other = { ...PLACE, partition: 1 };
    const receipts = await writer.produce([batchOf('c=3'), batchAt(other, 'd=4')]);
    expect(receipts).toEqual([
      { ...PLACE, baseOffset: 2 },
      { ...other, baseOffset: 0 },
    ]);
  },
  'an open transaction is seen by read-uncommitted alone': async (log) => {
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('a=1')]);
    expect(await recordsIn(log, 'read-uncommitted')).toEqual(['0:a=1']);
    expect(await recordsIn(log, 'read-committed')).toEqual([]);
    await writer.commit();
    expect(await recordsIn(log, 'read-committed')).toEqual(['0:a=1']);
  },
  'aborted records are passed over, and the position with them': async (log) => {
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('a=1')]);
    await writer.abort();
    const reader = log.openReader({ isolation: 'read-committed' });
    expect(await drain(reader)).toEqual({ records: [], offset: 2 });
    expect(await recordsIn(log, 'read-uncommitted')).toEqual(['0:a=1']);
  },
  'of interleaved transactions only the committed are read, from any position': async (log) => {
    const [a, b, c] = [
      await openWriter(log, 'a'),
      await openWriter(log, 'b'),
      await openWriter(log, 'c'),
    ];
    await a.produce([batchOf('a=1')]);
    await b.produce([batchOf('b=1')]);
    await c.produce([batchOf('c=1')]);
    await b.produce([batchOf('b=2')]);
    // The later of the two aborted ones ends first, and the first begins again.
    await b.abort();
    await a.produce([batchOf('a=2')]);
    await a.abort();
    await b.produce([batchOf('b=3')]);
    await c.commit();
    await b.commit();
    const expected = ['2:c=1', '7:b=3'];
    for (let from = 0; from <= 7; from++) {
      const left = expected.filter((record) => Number.parseInt(record, 10) >= from);
      expect(await recordsIn(log, 'read-committed', from)).toEqual(left);
    }
  },
  'a new writer fences the old one and aborts what it had open': async (log) => {
    const old = await openWriter(log, 'w');
    await old.produce([batchOf('a=1')]);
    const current = await openWriter(log, 'w');
    const late = old.produce([batchOf('b=2')]);
    await expect(late).rejects.toMatchObject({ code: 'PRODUCER_FENCED', errorClass: 'fenced' });
    await current.produce([batchOf('c=3')]);
    await current.commit();
    expect(await recordsIn(log)).toEqual(['2:c=3']);
  },
  'a fenced writer cannot end the transaction of its successor': async (log) => {
    const old = await openWriter(log, 'w');
    await old.produce([batchOf('a=1')]);
    const current = await openWriter(log, 'w');
    await current.produce([batchOf('b=2')]);
    await expect(old.commit()).rejects.toMatchObject({ errorClass: 'fenced' });
    expect(await recordsIn(log)).toEqual([]);
    await current.commit();
    expect(await recordsIn(log)).toEqual(['2:b=2']);
  },
  'a rejection poisons the writer': async (log) => {
    const writer = await openWriter(log, 'w');
    const missing = writer.produce([batchAt({ ...PLACE, partition: 99 }, 'a=1')]);
    await expect(missing).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    await expect(writer.produce([batchOf('a=1')])).rejects.toThrow();
    await expect(writer.commit()).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
  },
  "offsets become the group's when their transaction commits, not before": async (log) => {
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('a=1')]);
    await writer.sendOffsets([offsetOf(5)], NO_MEMBER);
    const settled: string[] = [];
    const asked = committed(log).then((offsets) => {
      settled.push('offsets');
      return offsets;
    });
    // As many turns as a request takes that waits for nothing.
    await log.admin.ends([PLACE]);
    await log.admin.ends([PLACE]);
    settled.push('commit');
    await writer.commit();
    expect(await asked).toEqual([{ offset: 5, metadata: 'at 5' }]);
    expect(settled).toEqual(['commit', 'offsets']);
  },
  'offsets of an aborted transaction never were': async (log) => {
    const writer = await openWriter(log, 'w');
    await writer.sendOffsets([offsetOf(5)], NO_MEMBER);
    await writer.commit();
    await writer.sendOffsets([offsetOf(9)], NO_MEMBER);
    await writer.abort();
    expect(await committed(log)).toEqual([{ offset: 5, metadata: 'at 5' }]);
  },
  'without a transaction records and offsets count at once': async (log) => {
    const writer = await openWriter(log, null);
    await writer.produce([batchOf('a=1')]);
    await writer.sendOffsets([offsetOf(1)], NO_MEMBER);
    expect(await recordsIn(log)).toEqual(['0:a=1']);
    expect(await committed(log)).toEqual([{ offset: 1, metadata: 'at 1' }]);
    await writer.commit();
    expect((await log.admin.ends([PLACE]))[0]?.logEndOffset).toBe(1);
  },
  'a transaction in which nothing was written ends without a trace': async (log) => {
    await commitAll(log, 'a=1');
    const writer = await openWriter(log, 'w');
    await writer.commit();
    await writer.abort();
    expect((await log.admin.ends([PLACE]))[0]?.logEndOffset).toBe(2);
  },
  'a record above the limit is refused, and nothing of its call is appended': async (log) => {
    await log.admin.createTopics([
      { ...topic('small', 2), settings: { 'max.message.bytes': '100' } },
    ]);
    const writer = await openWriter(log, null);
    const place = { topic: 'small', partition: 0 };
    const other = { topic: 'small', partition: 1 };
    const large = batchAt(other, `a=${'x'.repeat(101)}`);
    const refused = writer.produce([batchAt(place, 'a=1'), large]);
    await expect(refused).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', where: other });
    const ends = await log.admin.ends([place, other]);
    expect(ends.map(({ logEndOffset }) => logEndOffset)).toEqual([0, 0]);
  },
};

/** What holds for every log, groups apart. */
export const logLaws: Record<string, Law> = { ...adminLaws, ...readerLaws, ...writerLaws };

export function logContract(label: string, create: () => Log): void {
  describe(`Log contract: ${label}`, () => {
    for (const [law, holds] of Object.entries(logLaws)) {
      it(law, async () => {
        const log = create();
        try {
          await holds(log);
        } finally {
          await log.close();
        }
      });
    }
  });
}
