import { expect, it } from 'vitest';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { fetch } from '../../../../../src/core/log/kafka/wire/messages/fetch.ts';
import { PLACE } from '../../../../support/log-fixture.ts';
import { plain } from './batches.ts';
import { ReaderFixture, unreachable } from './reader-fixture.ts';

const OTHER = { ...PLACE, partition: 1 };

/** Reads as a worker does, until it gets something or an error. */
async function readOn(fixture: ReaderFixture, offset = 0) {
  for (let round = 0; round < 1000; round += 1) {
    const read = await fixture.read(offset, 200);
    if (read.nextOffset > offset) return read;
  }
  throw new Error('Nothing came.');
}

it('K14: a position out of range is an error and never moved', async () => {
  const fixture = new ReaderFixture();
  fixture.at().logStartOffset = 5;
  fixture.at().batches = [plain(5, 'a=1')];
  for (const offset of [4, 7]) {
    await expect(fixture.read(offset)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      errorClass: 'fatal',
      where: { topic: 'orders', partition: 0, offset },
      message: expect.stringContaining('outside 5 to 6') as string,
    });
  }
  const apis = new Set(fixture.connections.seen.map(({ api }) => api));
  expect([...apis].sort()).toEqual(['Fetch', 'ListOffsets']);
  expect(await fixture.read(6)).toMatchObject({ records: [], nextOffset: 6 });
});

it('a position that is inside the log after all is asked for again', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1')];
  fixture.at().errorCode = 1;
  expect(await fixture.read(0)).toMatchObject({ records: [], nextOffset: 0 });
  fixture.at().errorCode = 0;
  expect(await readOn(fixture)).toMatchObject({ records: ['0:a=1'] });
});

it('K31: when a leader moves the reader follows it, and nobody is told', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1')];
  await fixture.read(0);
  fixture.at().errorCode = 6;
  fixture.before = async (nodeId) => {
    fixture.at().errorCode = nodeId === 1 ? 6 : 0;
  };
  fixture.connections.leader = () => (fixture.connections.forgotten.length === 0 ? 1 : 2);
  fixture.append(PLACE, plain(1, 'b=2'));
  expect(await readOn(fixture, 1)).toMatchObject({ records: ['1:b=2'], nextOffset: 2 });
  expect(fixture.connections.forgotten).toEqual(['orders']);
});

it('a partition without a leader has no news, and the others go on', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.leader = ({ partition }) => (partition === 0 ? null : 1);
  fixture.at(OTHER).batches = [plain(0, 'a=1')];
  const requests = [PLACE, OTHER].map((place) => ({ ...place, offset: 0 }));
  const [missing, present] = await fixture.fetch(requests, { maxWaitMs: 200 });
  expect(missing).toMatchObject({ batches: [], nextOffset: 0 });
  // Nothing is known of its end: nobody may take it for reached.
  expect(missing?.ends.logEndOffset).toBeGreaterThan(0);
  expect(present).toMatchObject({ nextOffset: 1 });
});

it('trouble that lasts is an error that may be retried, after half a minute', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.leader = () => null;
  await expect(readOn(fixture)).rejects.toMatchObject({ errorClass: 'retriable' });
  const elapsedMs = fixture.runtime.clock.monotonicTimeMs();
  expect(elapsedMs).toBeGreaterThanOrEqual(30_000);
  expect(elapsedMs).toBeLessThan(32_000);
  fixture.connections.leader = () => 1;
  fixture.at().batches = [plain(0, 'a=1')];
  expect(await readOn(fixture)).toMatchObject({ records: ['0:a=1'] });
});

it('a topic that is missing for longer than it takes to tell all brokers is an error', async () => {
  const fixture = new ReaderFixture();
  fixture.at().errorCode = 3;
  const error = await readOn(fixture).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'TOPIC_MISSING', errorClass: 'fatal' });
  expect(fixture.runtime.clock.monotonicTimeMs()).toBeLessThan(10_000);
});

it.each([
  ['the connection broke', () => new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'x')],
  ['the broker cannot be reached', unreachable],
])('after a failed request the reader goes on: %s', async (_, failure) => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1')];
  fixture.before = async () => {
    if (fixture.asked.length <= 3) throw failure();
  };
  expect(await readOn(fixture)).toMatchObject({ records: ['0:a=1'] });
  expect(fixture.asked).toHaveLength(4);
});

it('a request without an outcome may be retried once the reader gives up', async () => {
  const fixture = new ReaderFixture();
  fixture.before = () => {
    throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'x');
  };
  await expect(readOn(fixture)).rejects.toMatchObject({
    errorClass: 'retriable',
    code: 'REQUEST_TIMED_OUT',
  });
});

it.each([
  [29, 'NOT_AUTHORIZED'],
  [76, 'UNSUPPORTED_CODEC'],
])('what repeating cannot help against is told at once: %i', async (errorCode, code) => {
  const fixture = new ReaderFixture();
  fixture.at().errorCode = errorCode;
  await expect(fixture.read(0, 1000)).rejects.toMatchObject({ code, errorClass: 'fatal' });
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(0);
});

it('an answer that leaves a partition out is trouble, not its end', async () => {
  const fixture = new ReaderFixture();
  fixture.connections.on(fetch, () => ({
    throttleMs: 0,
    errorCode: 0,
    sessionId: 0,
    topics: [],
  }));
  await expect(readOn(fixture)).rejects.toMatchObject({ code: 'BROKER_NOT_READY' });
});

it('a broker that says nothing does not hold up the answer for long', async () => {
  const fixture = new ReaderFixture();
  fixture.before = () => new Promise(() => undefined);
  expect(await fixture.read(0, 200)).toMatchObject({ records: [], nextOffset: 0 });
  expect(fixture.runtime.clock.monotonicTimeMs()).toBe(1000);
});
