import { expect, it } from 'vitest';
import { PLACE, recordsOf } from '../../../../support/log-fixture.ts';
import { inTransaction, marker, plain } from './batches.ts';
import { ReaderFixture } from './reader-fixture.ts';

const OTHER = { ...PLACE, partition: 1 };
const at = (offset: number, place = PLACE as { topic: string; partition: number }) => [
  { ...place, offset },
];
const EMPTY_ENDS = { logStartOffset: 0, lastStableOffset: 0, logEndOffset: 0 };

it('without data a fetch ends after its time, with fresh ends', async () => {
  const fixture = new ReaderFixture();
  expect(await fixture.read(0, 450)).toEqual({ records: [], nextOffset: 0, ends: EMPTY_ENDS });
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(450);
});

it('no request keeps the broker waiting for long', async () => {
  const fixture = new ReaderFixture();
  await fixture.read(0, 1000);
  expect(Math.max(...fixture.maxWaitsMs)).toBe(100);
});

it('a request waits less while partitions are paused that come back soon', async () => {
  const fixture = new ReaderFixture();
  await fixture.fetch([...at(0), ...at(0, OTHER)]);
  fixture.maxWaitsMs.length = 0;
  await fixture.read(0, 100);
  expect(Math.max(...fixture.maxWaitsMs)).toBe(10);
  // What is not asked for any more is forgotten.
  await fixture.runtime.advance(20_000);
  await fixture.read(0);
  fixture.maxWaitsMs.length = 0;
  await fixture.read(0, 200);
  expect(Math.max(...fixture.maxWaitsMs)).toBe(100);
});

it('a waiting fetch resolves when a record comes', async () => {
  const fixture = new ReaderFixture();
  const waiting = fixture.reader.fetch(at(0), { maxWaitMs: 30_000, maxPartitionBytes: 1024 });
  await fixture.runtime.advance(5000);
  fixture.append(PLACE, plain(0, 'a=1'));
  const [fetched] = await fixture.runtime.runUntil(waiting);
  expect(fetched?.batches.flatMap((batch) => recordsOf(batch))).toEqual(['0:a=1']);
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(5000);
});

it('a wake-up ends a waiting fetch at once, and only one that waits', async () => {
  const fixture = new ReaderFixture();
  fixture.reader.wakeUp();
  await fixture.read(0, 50);
  const waiting = fixture.reader.fetch(at(0), { maxWaitMs: 30_000, maxPartitionBytes: 1024 });
  await fixture.runtime.advance(70);
  fixture.reader.wakeUp();
  expect(await waiting).toMatchObject([{ batches: [], nextOffset: 0 }]);
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(120);
});

it('a request that a woken fetch has left under way serves the next', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1')];
  fixture.before = () => fixture.runtime.scheduler.sleep(20);
  const woken = fixture.reader.fetch(at(0), { maxWaitMs: 100, maxPartitionBytes: 1024 });
  await fixture.runtime.advance(5);
  fixture.reader.wakeUp();
  await woken;
  expect(await fixture.read(0, 100)).toMatchObject({ records: ['0:a=1'] });
  expect(fixture.asked).toHaveLength(1);
});

it('nobody is told that the end is reached by an answer from before the question', async () => {
  const fixture = new ReaderFixture();
  await fixture.read(0);
  const woken = fixture.reader.fetch(at(0), { maxWaitMs: 100, maxPartitionBytes: 1024 });
  fixture.reader.wakeUp();
  const [fetched] = await woken;
  expect(fetched?.ends.logEndOffset).toBeGreaterThan(fetched?.nextOffset ?? NaN);
});

it('a record is found by a fetch that begins after it, whatever is under way', async () => {
  const fixture = new ReaderFixture();
  fixture.after = () => fixture.runtime.scheduler.sleep(20);
  const woken = fixture.reader.fetch(at(0), { maxWaitMs: 100, maxPartitionBytes: 1024 });
  await fixture.runtime.advance(1);
  fixture.reader.wakeUp();
  await woken;
  // The broker has looked already; its answer is on its way.
  fixture.at().batches = [plain(0, 'a=1')];
  expect(await fixture.read(0)).toMatchObject({ records: ['0:a=1'] });
  expect(fixture.asked).toHaveLength(2);
});

it('markers alone are progress that ends a fetch', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [inTransaction(1, 0, 'a=1'), marker(1, 1, 'abort')];
  fixture.at().aborted = [{ producerId: 1, firstOffset: 0 }];
  expect(await fixture.read(0, 10_000)).toMatchObject({ records: [], nextOffset: 2 });
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(0);
});

it('while nobody can be asked, no answer comes without a pause', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.leader = () => null;
  await fixture.read(0);
  const startMs = fixture.runtime.clock.monotonicTimeMs();
  for (let round = 0; round < 20; round += 1) await fixture.read(0);
  expect(fixture.runtime.clock.monotonicTimeMs() - startMs).toBeGreaterThanOrEqual(200);
});

it('the answer holds each partition in the order asked for', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.leader = ({ partition }) => partition + 1;
  fixture.at(OTHER).batches = [plain(0, 'a=1')];
  const fetched = await fixture.fetch([...at(0, OTHER), ...at(0)]);
  expect(fetched.map(({ partition, ends }) => [partition, ends.logEndOffset])).toEqual([
    [1, 1],
    [0, 0],
  ]);
});

it('a closed reader refuses, and its waiting fetch fails', async () => {
  const fixture = new ReaderFixture();
  const waiting = fixture.reader.fetch(at(0), { maxWaitMs: 30_000, maxPartitionBytes: 1024 });
  const closed = expect(waiting).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  await fixture.reader.close();
  await closed;
  await expect(fixture.read(0)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  await fixture.runtime.runUntilIdle();
});
