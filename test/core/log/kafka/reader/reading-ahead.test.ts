import { expect, it } from 'vitest';
import { PLACE, recordsOf } from '../../../../support/log-fixture.ts';
import { plain } from './batches.ts';
import { ReaderFixture } from './reader-fixture.ts';

const OTHER = { ...PLACE, partition: 1 };

/** One batch an answer, so that there is always more. */
function fixtureWith(batches: number): ReaderFixture {
  const fixture = new ReaderFixture();
  fixture.at().maxBatches = 1;
  fixture.at().batches = Array.from({ length: batches }, (_, at) => plain(at, `k=${at}`));
  return fixture;
}

it('K32: the next request is under way while the caller works on an answer', async () => {
  const fixture = fixtureWith(3);
  expect(await fixture.read(0)).toMatchObject({ records: ['0:k=0'] });
  expect(fixture.asked).toEqual([['orders:0@0'], ['orders:0@1']]);
  await fixture.runtime.runUntilIdle();
  // The answer is there already: nothing is asked for the fetch itself.
  fixture.before = () => new Promise(() => undefined);
  expect(await fixture.read(1)).toMatchObject({ records: ['1:k=1'] });
});

it('K32: a broker that answers slowly does not hold up what others have', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.leader = ({ partition }) => partition + 1;
  fixture.at(PLACE).batches = [plain(0, 'a=1')];
  const requests = [PLACE, OTHER].map((place) => ({ ...place, offset: 0 }));
  await fixture.fetch(requests);
  fixture.append(PLACE, plain(1, 'b=2'));
  fixture.before = async (nodeId) => {
    if (nodeId === 2) await fixture.runtime.scheduler.sleep(5000);
  };
  const startMs = fixture.runtime.clock.monotonicTimeMs();
  const [fetched] = await fixture.fetch(
    [
      { ...PLACE, offset: 1 },
      { ...OTHER, offset: 0 },
    ],
    { maxWaitMs: 10_000 },
  );
  expect(fetched?.batches.flatMap((batch) => recordsOf(batch))).toEqual(['1:b=2']);
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(startMs);
});

it('at most one answer a partition is waiting', async () => {
  const fixture = fixtureWith(5);
  await fixture.read(0);
  await fixture.runtime.runUntilIdle();
  expect(fixture.asked).toEqual([['orders:0@0'], ['orders:0@1']]);
});

it('nothing is asked ahead where the answer reached the end', async () => {
  const fixture = fixtureWith(1);
  await fixture.read(0);
  await fixture.runtime.runUntilIdle();
  expect(fixture.asked).toEqual([['orders:0@0']]);
});

it('what was read ahead is thrown away when the caller goes elsewhere', async () => {
  const fixture = fixtureWith(4);
  await fixture.read(0);
  await fixture.runtime.runUntilIdle();
  expect(await fixture.read(0)).toMatchObject({ records: ['0:k=0'] });
  expect(await fixture.read(3)).toMatchObject({ records: ['3:k=3'] });
});

it('an answer to a position that the caller has left counts for no other', async () => {
  const fixture = fixtureWith(4);
  let answers = 0;
  fixture.before = async () => {
    answers += 1;
    if (answers === 2) await fixture.runtime.scheduler.sleep(50);
  };
  await fixture.read(0);
  // The request for offset 1 is still under way.
  expect(await fixture.read(3)).toMatchObject({ records: ['3:k=3'], nextOffset: 4 });
});

it('what was read ahead of a partition is kept while the caller pauses it', async () => {
  const fixture = fixtureWith(3);
  await fixture.read(0);
  await fixture.fetch([{ ...OTHER, offset: 0 }]);
  expect(await fixture.read(1)).toMatchObject({ records: ['1:k=1'] });
  expect(fixture.asked.flat().filter((asked) => asked === 'orders:0@1')).toHaveLength(1);
});

it('a broker works on one request at a time', async () => {
  const fixture = fixtureWith(20);
  fixture.at(OTHER).maxBatches = 1;
  fixture.at(OTHER).batches = Array.from({ length: 20 }, (_, at) => plain(at, `k=${at}`));
  let most = 0;
  fixture.before = async (nodeId) => {
    most = Math.max(most, fixture.inFlight.get(nodeId) ?? 0);
    await fixture.runtime.scheduler.sleep(3);
  };
  const offsets = [0, 0];
  while (offsets.some((offset) => offset < 20)) {
    const requests = [PLACE, OTHER].map((place) => ({
      ...place,
      offset: offsets[place.partition]!,
    }));
    const fetched = await fixture.fetch(requests, { maxWaitMs: 20 });
    for (const { partition, nextOffset } of fetched) offsets[partition] = nextOffset;
  }
  expect(most).toBe(1);
});

it('whoever was served last comes last in the next request', async () => {
  const fixture = new ReaderFixture();
  fixture.at(PLACE).batches = [plain(0, 'a=1')];
  const third = { ...PLACE, partition: 2 };
  await fixture.fetch([PLACE, OTHER, third].map((place) => ({ ...place, offset: 0 })));
  await fixture.fetch([
    { ...PLACE, offset: 1 },
    { ...OTHER, offset: 0 },
    { ...third, offset: 0 },
  ]);
  expect(fixture.asked[1]).toEqual(['orders:1@0', 'orders:2@0', 'orders:0@1']);
});

it('nothing is seen twice or left out, whatever the caller asks for and when', async () => {
  const fixture = fixtureWith(30);
  fixture.before = () => fixture.runtime.scheduler.sleep(fixture.runtime.random.next() * 5);
  const seen: string[] = [];
  let offset = 0;
  while (offset < 30) {
    const { records, nextOffset } = await fixture.read(offset, 20);
    seen.push(...records);
    offset = nextOffset;
    if (fixture.runtime.random.next() < 0.3) await fixture.read(Math.floor(offset / 2));
    if (fixture.runtime.random.next() < 0.3) await fixture.fetch([{ ...OTHER, offset: 0 }]);
    if (fixture.runtime.random.next() < 0.3) await fixture.runtime.advance(3);
  }
  expect(seen).toEqual(Array.from({ length: 30 }, (_, at) => `${at}:k=${at}`));
});
