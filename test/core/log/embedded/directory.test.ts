import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { embedded, type EmbeddedLog } from '../../../../src/core/log/embedded/embedded.ts';
import { openElsewhere } from '../../../support/open-elsewhere.ts';
import {
  batchAt,
  batchOf,
  commitAll,
  NO_MEMBER,
  openWriter,
  PLACE,
  recordsIn,
  temporaryDirectory,
} from '../../../support/log-fixture.ts';

const opened: EmbeddedLog[] = [];

function open(directory: string, options: { maxCacheBytes?: number } = {}): EmbeddedLog {
  const log = embedded({ directory, ...options });
  opened.push(log);
  return log;
}

/** What a killed process leaves: every write that was answered, and nothing closed. */
function killedCopy(directory: string): string {
  const copy = join(temporaryDirectory(), 'copy');
  cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
  return copy;
}

afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

const committed = (log: EmbeddedLog) => log.admin.committedOffsets(NO_MEMBER.group, [PLACE]);

describe('a directory', () => {
  it('gives back topics, records, offsets and bounds after a close', async () => {
    const directory = temporaryDirectory();
    const before = open(directory);
    const settings = { 'max.message.bytes': '100' };
    await before.admin.createTopics([
      { topic: 'rows', partitions: 2, cleanup: 'compact', settings },
    ]);
    await commitAll(before, 'a=1', 'b=2');
    await commitAll(before, 'c=3');
    const writer = await openWriter(before, 'offsets');
    await writer.sendOffsets([{ ...PLACE, offset: 3, metadata: '\u0000ü' }], NO_MEMBER);
    await writer.commit();
    await before.admin.deleteRecords([{ ...PLACE, offset: 1 }]);
    const ends = await before.admin.ends([PLACE]);
    await before.close();

    const after = open(directory);
    const described = await after.admin.describeTopics(['rows', PLACE.topic]);
    expect(described.get('rows')).toMatchObject({ partitions: 2, cleanup: 'compact' });
    expect(described.get(PLACE.topic)?.partitions).toBe(4);
    expect(await after.admin.ends([PLACE])).toEqual(ends);
    expect(await recordsIn(after, 'read-committed', 1)).toEqual(['1:b=2', '3:c=3']);
    expect(await committed(after)).toEqual([{ offset: 3, metadata: '\u0000ü' }]);
    const large = batchAt({ topic: 'rows', partition: 0 }, `a=${'x'.repeat(101)}`);
    const refused = (await openWriter(after, null)).produce([large]);
    await expect(refused).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  });

  it('knows a topic by its id for ever, but for those of earlier versions', async () => {
    const directory = temporaryDirectory();
    const opening = async <T>(work: (log: EmbeddedLog) => Promise<T>): Promise<T> => {
      const log = open(directory);
      const result = await work(log);
      await log.close();
      return result;
    };
    const idOf = async ({ admin }: EmbeddedLog) =>
      (await admin.describeTopics(['rows'])).get('rows')?.id;
    const first = await opening(idOf);
    expect(await opening(idOf)).toBe(first);
    await opening(({ admin }) => admin.deleteTopics(['rows']));
    expect(await opening(idOf)).not.toBe(first);
    const { ClassicLevel } = await import('classic-level');
    const level = new ClassicLevel(directory);
    const { id, ...earlier } = JSON.parse((await level.get('topic!rows')) ?? '') as { id: string };
    await level.put('topic!rows', JSON.stringify(earlier));
    await level.close();
    expect([id, await opening(idOf)]).toEqual([expect.any(String), null]);
  });

  it('opens again after a topic was asked for that cannot be', async () => {
    const directory = temporaryDirectory();
    const before = open(directory);
    const bad = before.admin.describeTopics(['no name']);
    await expect(bad).rejects.toMatchObject({ code: 'BAD_NAME' });
    await commitAll(before, 'a=1');
    await before.close();
    expect(await recordsIn(open(directory))).toEqual(['0:a=1']);
  });

  it('of a killed process holds what was answered, and what was open is aborted', async () => {
    const directory = temporaryDirectory();
    const killed = open(directory);
    await commitAll(killed, 'a=1');
    const writer = await openWriter(killed, 'w');
    await writer.produce([batchOf('b=2')]);
    await writer.sendOffsets([{ ...PLACE, offset: 9, metadata: '' }], NO_MEMBER);

    const log = open(killedCopy(directory));
    expect(await recordsIn(log)).toEqual(['0:a=1']);
    expect(await recordsIn(log, 'read-uncommitted')).toEqual(['0:a=1', '2:b=2']);
    expect(await log.admin.ends([PLACE])).toEqual([
      { logStartOffset: 0, lastStableOffset: 4, logEndOffset: 4 },
    ]);
    expect(await committed(log)).toEqual([null]);
    await writer.commit();
    const after = open(killedCopy(directory));
    expect(await recordsIn(after)).toEqual(['0:a=1', '2:b=2']);
    expect(await committed(after)).toEqual([{ offset: 9, metadata: '' }]);
  });

  it('remembers aborted transactions when it is opened again, and again', async () => {
    const directory = temporaryDirectory();
    const before = open(directory);
    const [a, b] = [await openWriter(before, 'a'), await openWriter(before, 'b')];
    await a.produce([batchOf('a=1')]);
    await b.produce([batchOf('b=1')]);
    await a.abort();
    await b.commit();
    await before.close();
    for (let time = 0; time < 2; time++) {
      const after = open(directory);
      expect(await recordsIn(after)).toEqual(['1:b=1']);
      await after.close();
    }
  });

  it('fences with epochs that go on', async () => {
    const directory = temporaryDirectory();
    const before = open(directory);
    await before.broker.open();
    const first = await before.broker.initProducer('w', 1000);
    const plain = await before.broker.initProducer(null, 1000);
    await before.close();
    const after = open(directory);
    await after.broker.open();
    const next = await after.broker.initProducer('w', 1000);
    expect(next).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 });
    const other = await after.broker.initProducer(null, 1000);
    expect(other.producerId).toBeGreaterThan(plain.producerId);
  });

  it('is compacted for good', async () => {
    const directory = temporaryDirectory();
    const before = open(directory, { maxCacheBytes: 1 });
    const topic = { topic: PLACE.topic, partitions: 1, cleanup: 'compact', settings: {} } as const;
    await before.admin.createTopics([topic]);
    await commitAll(before, 'a=1', 'b=1');
    await commitAll(before, 'a=2');
    await commitAll(before, 'a=3', 'c=1');
    await before.broker.compact(PLACE.topic);
    const kept = ['1:b=1', '5:a=3', '6:c=1'];
    expect(await recordsIn(before)).toEqual(kept);
    await before.close();
    const after = open(directory, { maxCacheBytes: 1 });
    expect(await recordsIn(after)).toEqual(kept);
    expect(await after.admin.ends([PLACE])).toEqual([
      { logStartOffset: 0, lastStableOffset: 8, logEndOffset: 8 },
    ]);
  });

  it('compacts itself, and what is left is what is found again', async () => {
    const directory = temporaryDirectory();
    const before = open(directory, { maxCacheBytes: 1 });
    const topic = { topic: PLACE.topic, partitions: 1, cleanup: 'compact', settings: {} } as const;
    await before.admin.createTopics([topic]);
    await commitAll(before, 'b=0');
    for (let value = 0; value < 1200; value++) await commitAll(before, `a=${value}`);
    const records = await recordsIn(before);
    expect(records.length).toBeLessThan(800);
    expect([records[0], records.at(-1)]).toEqual(['0:b=0', '2400:a=1199']);
    await before.close();
    const after = open(directory);
    expect(await recordsIn(after)).toEqual(records);
    expect((await after.admin.ends([PLACE]))[0]).toMatchObject({ lastStableOffset: 2402 });
  });

  it('keeps its end when every record is gone', async () => {
    const directory = temporaryDirectory();
    const before = open(directory);
    await commitAll(before, 'a=1');
    await before.admin.deleteRecords([{ ...PLACE, offset: 2 }]);
    await before.close();
    const after = open(directory);
    const ends = { logStartOffset: 2, lastStableOffset: 2, logEndOffset: 2 };
    expect(await after.admin.ends([PLACE])).toEqual([ends]);
    await commitAll(after, 'b=2');
    expect(await recordsIn(after, 'read-committed', 2)).toEqual(['2:b=2']);
  });

  it('serves many readers while it is compacted', async () => {
    const log = open(temporaryDirectory(), { maxCacheBytes: 1 });
    const topic = { topic: PLACE.topic, partitions: 1, cleanup: 'compact', settings: {} } as const;
    await log.admin.createTopics([topic]);
    for (let value = 0; value < 50; value++) await commitAll(log, `a=${value}`, `b=${value}`);
    const reads = Array.from({ length: 10 }, () => recordsIn(log));
    await Promise.all([log.broker.compact(PLACE.topic), ...reads]);
    for (const records of await Promise.all(reads)) expect(records.at(-1)).toBe('148:b=49');
    expect(await recordsIn(log)).toEqual(['147:a=49', '148:b=49']);
  });

  it('is refused while another log holds it', async () => {
    const directory = temporaryDirectory();
    const holder = open(directory);
    await holder.broker.open();
    const second = open(directory);
    const refused = second.admin.describeTopics(['a']);
    await expect(refused).rejects.toMatchObject({ code: 'LOG_IO', errorClass: 'fatal' });
    await expect(refused).rejects.toThrow('is held by another process');
    await second.close();
  });

  it('stays locked for other processes after a second open in this one was refused', async () => {
    const directory = temporaryDirectory();
    const holder = open(directory);
    await holder.broker.open();
    const refused = open(directory).admin.describeTopics(['a']);
    await expect(refused).rejects.toMatchObject({ code: 'LOG_IO' });
    expect(openElsewhere(directory)).toBe('LEVEL_LOCKED');
    await holder.close();
    expect(openElsewhere(directory)).toBe('opened');
  });

  it('that cannot be one is refused', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const log = open(join(file, 'log'));
    await expect(log.admin.describeTopics(['a'])).rejects.toMatchObject({ code: 'LOG_IO' });
  });

  it('of a newer version is refused and left as it is', async () => {
    const directory = temporaryDirectory();
    const before = embedded({ directory });
    await before.broker.open();
    await before.close();
    const { ClassicLevel } = await import('classic-level');
    const level = new ClassicLevel(directory);
    await level.put('format', '2');
    await level.close();
    const log = open(directory);
    await expect(log.admin.describeTopics(['a'])).rejects.toMatchObject({ code: 'FORMAT_NEWER' });
  });

  it('with a damaged table names the batch', async () => {
    const directory = temporaryDirectory();
    const before = open(directory, { maxCacheBytes: 1 });
    const value = 'x'.repeat(2000);
    for (let time = 0; time < 20; time++) await commitAll(before, `a=${value}`);
    await before.close();
    // Opened once more, LevelDB moves what it has into a table.
    const again = open(directory);
    await again.broker.open();
    await again.close();
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (!name.endsWith('.ldb')) continue;
      const bytes = readFileSync(path);
      for (let at = 5000; at < bytes.length; at += 5000) bytes[at]! ^= 1;
      writeFileSync(path, bytes);
    }
    const log = open(directory);
    const read = recordsIn(log);
    await expect(read).rejects.toMatchObject({
      code: expect.stringMatching(/^(CORRUPT_BATCH|LOG_IO)$/) as string,
      errorClass: 'fatal',
    });
  });

  it('is open to its owner alone', async () => {
    const parent = temporaryDirectory();
    mkdirSync(parent, { recursive: true });
    const directory = join(parent, 'deep', 'log');
    const log = open(directory);
    await log.broker.open();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });
});
