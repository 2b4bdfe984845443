import { afterEach, describe, expect, it } from 'vitest';
import type { Scheduler } from '../../../src/core/runtime/runtime.ts';
import { createSimulatedRuntime } from '../../../src/core/runtime/simulated-runtime.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';
import {
  type DropPlace,
  embedded,
  type EmbeddedLog,
  memoryBackend,
  produce,
  readCommitted,
  run,
  SinkError,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { type Memory, RememberingTable, type Through } from '../../support/remembering-table.ts';

const words = { key: string(), value: string() };
const logs: EmbeddedLog[] = [];

afterEach(async () => {
  for (const log of logs.splice(0)) await log.close();
});

async function logWith(values: readonly string[], partitions = 2): Promise<EmbeddedLog> {
  const log = embedded({ partitions });
  logs.push(log);
  const records = values.map((value, index) => ({ key: `k${index}`, value, timestamp: index }));
  await produce(log, 'words', words, records);
  return log;
}

function delivering(table: RememberingTable, maxRows = 10_000, deadLetter?: string) {
  const builder = new TopologyBuilder('app', deadLetter === undefined ? {} : { deadLetter });
  builder
    .stream('words', words)
    .mapValues((word) => word.toUpperCase())
    .toSink(table.sink({ batches: { maxRows, maxDelay: '10ms' } }));
  return builder.build();
}

const manyWords = Array.from({ length: 1000 }, (_, index) => `word-${index}`);
const upper = (all: readonly string[]) => all.map((word) => word.toUpperCase()).sort();

describe('a stream with a sink', () => {
  it.each<Memory>(['token', 'position'])(
    'delivers each row once, remembered by %s',
    async (memory) => {
      const table = new RememberingTable(memory);
      const log = await logWith(manyWords);
      const topology = delivering(table, 64);
      const options = { log, state: memoryBackend(), commitInterval: '10ms' } as const;
      const first = await run(topology, { ...options, instanceId: 'one' });
      await first.caughtUp();
      await first.close();
      expect(table.rows.toSorted()).toEqual(upper(manyWords));
      await produce(log, 'words', words, [{ key: 'a', value: 'more', timestamp: 0 }]);
      const second = await run(topology, { ...options, instanceId: 'two' });
      await second.caughtUp();
      expect(second.status().tasks.flatMap(({ delivery }) => delivery?.rows ?? [])).toContain(1);
      await second.close();
      expect(table.rows.toSorted()).toEqual(upper([...manyWords, 'more']));
      expect(table.repeated).toBe(0);
    },
  );

  it('stops where most rows are refused, as by a table that was changed', async () => {
    const table = new RememberingTable('position');
    table.refuses = () => true;
    const log = await logWith(manyWords, 1);
    const settings = { log, state: memoryBackend(), commitInterval: '1ms' } as const;
    const worker = await run(delivering(table, 1, 'dead'), settings);
    await expect(worker.finished).rejects.toMatchObject({
      code: 'ERROR_RATE',
      where: { node: 'rows', topic: 'app-rows-outbox' },
    });
    expect(await readCommitted(log, 'dead', words)).toHaveLength(500);
  });

  it('passes over a row that is refused for its content, and says why', async () => {
    const table = new RememberingTable('position');
    table.refuses = (row) => row.endsWith('7');
    const log = await logWith(manyWords.slice(0, 100), 1);
    const places: DropPlace[] = [];
    const worker = await run(delivering(table, 50, 'dead'), {
      log,
      state: memoryBackend(),
      commitInterval: '5ms',
      onDropped: (_reason, _record, place) => void places.push(place),
    });
    await worker.caughtUp();
    await worker.close();
    const isBad = (word: string) => word.endsWith('7');
    const all = manyWords.slice(0, 100);
    expect(table.rows).toEqual(
      all.filter((word) => !isBad(word)).map((word) => word.toUpperCase()),
    );
    const dead = await readCommitted(log, 'dead', { key: string(), value: string() });
    expect(dead.map(({ value }) => value)).toEqual(
      all.filter(isBad).map((word) => word.toUpperCase()),
    );
    const header = dead[0]?.headers.get('millrace.error.code');
    expect(Buffer.from(header ?? []).toString()).toBe('SINK_ROW_REFUSED');
    const task = 'rows-outbox-0';
    const place = { node: 'rows', task, topic: 'app-rows-outbox', partition: 0, offset: 7 };
    expect(places[0]).toEqual(place);
    expect(places).toHaveLength(10);
  });

  it('stops the worker for a refused row where no dead-letter topic is named', async () => {
    const table = new RememberingTable('token');
    table.refuses = (row) => row === 'WORD-5';
    const log = await logWith(manyWords.slice(0, 10), 1);
    const worker = await run(delivering(table), { log, state: memoryBackend() });
    await expect(worker.finished).rejects.toMatchObject({
      code: 'SINK_ROW_REFUSED',
      where: { node: 'rows', offset: 5 },
    });
    expect(table.rows).toEqual(upper(manyWords.slice(0, 5)));
  });

  it('stops the worker for what cannot be mended, and says whose delivery it was', async () => {
    const table = new RememberingTable('token');
    const denied: Through = () =>
      Promise.reject(new SinkError('fatal', 'SINK_DENIED', 'the password is wrong'));
    const builder = new TopologyBuilder('app');
    builder.stream('words', words).toSink(table.sink({}, denied));
    const log = await logWith([], 1);
    const worker = await run(builder.build(), { log, state: memoryBackend() });
    await expect(worker.finished).rejects.toMatchObject({
      code: 'SINK_DENIED',
      message: 'the password is wrong',
      where: { node: 'rows', task: 'rows-outbox-0', topic: 'app-rows-outbox', partition: 0 },
    });
  });
});

it('a worker that has closed leaves no timer that keeps the process alive', async () => {
  const waits = new Set<object>();
  const { scheduler } = systemRuntime;
  const after: Scheduler['after'] = (delayMs, call, keepsAlive = false) => {
    const wait = {};
    if (keepsAlive) waits.add(wait);
    const ends = () => waits.delete(wait);
    const scheduled = scheduler.after(delayMs, () => (ends(), call()), keepsAlive);
    return { cancel: () => (ends(), scheduled.cancel()) };
  };
  const sleep = (delayMs: number) => new Promise<void>((done) => void after(delayMs, done, true));
  const runtime = { ...systemRuntime, scheduler: { ...scheduler, after, sleep } };
  const log = await logWith(manyWords, 1);
  const topology = delivering(new RememberingTable('token'));
  const worker = await run(topology, { log, state: memoryBackend(), runtime });
  await worker.caughtUp();
  await worker.close();
  expect(waits.size).toBe(0);
});

describe('batches that follow each other', () => {
  /** When each was applied, on virtual time. */
  async function appliedAt(memory: Memory): Promise<readonly number[]> {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const log = embedded({ partitions: 1, runtime });
    logs.push(log);
    const records = manyWords.map((value) => ({ key: 'k', value, timestamp: 0 }));
    await runtime.runUntil(produce(log, 'words', words, records));
    const times: number[] = [];
    const through: Through = async (request, go) => {
      if (request === 'apply') times.push(runtime.clock.monotonicTimeMs());
      return go();
    };
    const table = new RememberingTable(memory);
    const builder = new TopologyBuilder('app');
    const batches = { maxRows: 100, maxDelay: '10s' } as const;
    builder.stream('words', words).toSink(table.sink({ batches }, through));
    const work = run(builder.build(), { log, state: memoryBackend(), runtime });
    const worker = await runtime.runUntil(work);
    await runtime.runUntil(worker.caughtUp());
    await runtime.runUntil(worker.close());
    return times;
  }

  it('are, if whole, a tenth of maxDelay apart where the sink remembers tokens', async () => {
    const times = await appliedAt('token');
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toEqual(Array.from({ length: 9 }, () => 1_000));
  });

  it('wait for nothing where it keeps a position', async () => {
    const times = await appliedAt('position');
    expect(times).toHaveLength(10);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(1_000);
  });
});
