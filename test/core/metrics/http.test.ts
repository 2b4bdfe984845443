import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricList } from '../../../src/core/metrics/metric-list.ts';
import {
  embedded,
  type HttpOptions,
  type Log,
  type LogFields,
  memoryBackend,
  onUpdate,
  type RunOptions,
  run,
  string,
  TopologyBuilder,
  tumbling,
  type Worker,
} from '../../../src/index.ts';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import { feed } from '../../support/log-records.ts';
import { RememberingTable } from '../../support/remembering-table.ts';
import { overriding } from '../../torture/overriding.ts';
import { parseMetrics, sumOf, valueOf } from './parse-metrics.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-'));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

/** Views per page and window; what is late or has no key is dropped, what is no view is refused. */
function topology() {
  const builder = new TopologyBuilder('app', { deadLetter: 'bad' });
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues(
      (value) => {
        if (value === 'bad') throw new Error('no view');
        return value;
      },
      { value: string() },
    )
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .to('out');
  return builder.build();
}

type Start = Partial<RunOptions> & Pick<RunOptions, 'log'>;

function start(options: Start, http: Partial<HttpOptions> = {}): Promise<Worker> {
  const times = { heartbeatInterval: '50ms' } as const;
  return run(topology(), { stateDir, ...times, http: { port: 0, ...http }, ...options });
}

async function scrape({ httpUrl }: Worker) {
  const response = await fetch(`${httpUrl}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parseMetrics(await response.text());
}

const record = (key: string | null, value: string, timestamp: number) => ({
  key,
  value,
  timestamp,
});

describe('the metrics of a worker', () => {
  it('are the figures of what was sent, committed and lost', async () => {
    const log = embedded({ partitions: 1 });
    const worker = await start({ log, onError: () => 'dead-letter' });
    await feed(log, 'in', [
      ...Array.from({ length: 100 }, (_, index) => record('a', 'v', index)),
      record('a', 'v', 5),
      record(null, 'v', 100),
      record('a', 'bad', 100),
      record('a', 'bad', 100),
    ]);
    await worker.caughtUp();
    const metrics = await scrape(worker);
    const application = 'app';
    expect(valueOf(metrics, 'millrace_records_in_total', { task: 'in-0', application })).toBe(104);
    expect(valueOf(metrics, 'millrace_records_out_total', { task: 'in-0' })).toBe(100);
    const dropped = (reason: string) =>
      valueOf(metrics, 'millrace_records_dropped_total', { reason });
    expect([dropped('late'), dropped('null-key'), dropped('processing')]).toEqual([1, 1, 2]);
    expect(sumOf(metrics, 'millrace_dead_letters_total')).toBe(2);
    expect(valueOf(metrics, 'millrace_input_lag_records', { topic: 'in', partition: '0' })).toBe(0);
    expect(valueOf(metrics, 'millrace_tasks', { state: 'running' })).toBe(1);
    expect(valueOf(metrics, 'millrace_application_tasks')).toBe(1);
    expect(valueOf(metrics, 'millrace_restore_remaining_records')).toBe(0);
    expect(valueOf(metrics, 'millrace_rebalances_total')).toBe(1);
    expect(valueOf(metrics, 'millrace_recoveries_total')).toBe(0);
    expect(valueOf(metrics, 'millrace_state_bytes', { task: 'in-0' })).toBeGreaterThan(0);
    await worker.close();
    await log.close();
  });

  it('have no label that a key or a value of a record could get into', async () => {
    const log = embedded({ partitions: 1 });
    const worker = await start({ log, onError: () => 'dead-letter' });
    const secret = (index: number) => record(`secret-${index}`, `secret-${index}`, index * 7);
    await feed(
      log,
      'in',
      Array.from({ length: 300 }, (_, index) => secret(index)),
    );
    await feed(log, 'in', [record('secret', 'bad', 1)]);
    await worker.caughtUp();
    const metrics = await scrape(worker);
    const response = await fetch(`${worker.httpUrl}/status`);
    expect(await response.text()).not.toContain('secret');
    const known = new Map(metricList.map(({ name, labels }) => [name, labels]));
    for (const [name, { samples }] of metrics) {
      const labels = new Set(samples.flatMap((own) => Object.keys(own.labels)));
      labels.delete('application');
      labels.delete('le');
      expect(known.get(name), name).toEqual(expect.arrayContaining([...labels]));
      expect(JSON.stringify(samples)).not.toContain('secret');
      expect(samples.length, name).toBeLessThan(40);
    }
    expect([...metrics.keys()]).toEqual([...known.keys()]);
    await worker.close();
    await log.close();
  });

  it('measure some records, each time that any come', async () => {
    const log = embedded({ partitions: 1 });
    const worker = await start({ log });
    await feed(log, 'in', [record('a', 'v', 1)]);
    await worker.caughtUp();
    const metrics = await scrape(worker);
    const of = { sub_topology: 'in' };
    expect(valueOf(metrics, 'millrace_process_duration_seconds_count', of)).toBe(1);
    expect(valueOf(metrics, 'millrace_end_to_end_latency_seconds_count', of)).toBe(1);
    // The record is of 1970.
    const hour = { ...of, le: '3600' };
    expect(valueOf(metrics, 'millrace_end_to_end_latency_seconds_bucket', hour)).toBe(0);
    expect(valueOf(metrics, 'millrace_commit_duration_seconds_count')).toBeGreaterThan(0);
    await worker.close();
    await log.close();
  });

  it('never go back when tasks do: what is not committed was not counted', async () => {
    const log = embedded({ partitions: 1 });
    const one = await start({ log, instanceId: 'one' });
    await feed(log, 'in', [record('a', 'v', 1), record('a', 'v', 2)]);
    await one.caughtUp();
    const two = await start({ log, instanceId: 'two' });
    await two.close();
    await feed(log, 'in', [record('a', 'v', 3)]);
    await one.caughtUp();
    const metrics = await scrape(one);
    expect(valueOf(metrics, 'millrace_records_in_total', { task: 'in-0' })).toBe(3);
    expect(valueOf(metrics, 'millrace_rebalances_total')).toBeGreaterThan(1);
    await one.close();
    await log.close();
  });

  it('say what sinks were given, and refused', async () => {
    const table = new RememberingTable('position');
    table.refuses = (row) => row.endsWith('7');
    const log = embedded({ partitions: 1 });
    const builder = new TopologyBuilder('app', { deadLetter: 'bad' });
    const batches = { maxRows: 10, maxDelay: '10ms' } as const;
    builder.stream('in', { key: string(), value: string() }).toSink(table.sink({ batches }));
    const options = { log, state: memoryBackend(), commitInterval: '5ms' } as const;
    const worker = await run(builder.build(), { ...options, http: { port: 0 } });
    await feed(
      log,
      'in',
      Array.from({ length: 100 }, (_, index) => record('a', `v${index}`, 1)),
    );
    await worker.caughtUp();
    const metrics = await scrape(worker);
    const figure = (name: string) => sumOf(metrics, `millrace_sink_${name}`);
    expect([figure('rows_total'), figure('rows_refused_total')]).toEqual([90, 10]);
    expect(figure('batches_total')).toBeGreaterThan(9);
    expect([figure('oldest_waiting_seconds'), figure('applying')]).toEqual([0, 0]);
    expect(sumOf(metrics, 'millrace_dead_letters_total')).toBe(10);
    expect(sumOf(metrics, 'millrace_input_lag_records')).toBe(0);
    await worker.close();
    await log.close();
  });
});

describe('the health of a worker', () => {
  const codes = ({ httpUrl }: Pick<Worker, 'httpUrl'>) =>
    Promise.all(
      ['healthz', 'readyz'].map(async (page) => (await fetch(`${httpUrl}/${page}`)).status),
    );

  it('is asked for while it starts: it is alive, and not ready', async () => {
    const log = embedded({ partitions: 1 });
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const admin = overriding(log.admin, {
      describeTopics: async (topics: readonly string[]) => {
        await held;
        return log.admin.describeTopics(topics);
      },
    });
    let tell: (url: string) => void = () => undefined;
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const info = (_message: string, { url }: LogFields = {}): void => {
      if (typeof url === 'string') tell(url);
    };
    const starting = start({ log: overriding(log, { admin }), logger: { ...silentLogger, info } });
    const httpUrl = await told;
    expect(await codes({ httpUrl })).toEqual([200, 503]);
    expect(await (await fetch(`${httpUrl}/status`)).json()).toMatchObject({ state: 'starting' });
    const metrics = parseMetrics(await (await fetch(`${httpUrl}/metrics`)).text());
    expect(valueOf(metrics, 'millrace_worker_state', { state: 'starting' })).toBe(1);
    goOn();
    const worker = await starting;
    await worker.caughtUp();
    expect(await codes({ httpUrl })).toEqual([200, 200]);
    await worker.close();
    await expect(fetch(`${httpUrl}/healthz`)).rejects.toThrow();
    await log.close();
  });

  it('is not ready while its group is silent: its tasks may be of another by then', async () => {
    const inner = embedded({ partitions: 1 });
    let isSilent = false;
    const joinGroup: Log['joinGroup'] = async (options) => {
      const membership = await inner.joinGroup(options);
      return overriding(membership, {
        get leaseEndsMs() {
          return isSilent ? -Infinity : membership.leaseEndsMs;
        },
      });
    };
    const worker = await start({ log: overriding(inner, { joinGroup }) });
    await worker.caughtUp();
    const tasks = async () => {
      const metrics = await scrape(worker);
      return ['running', 'cut-off'].map((state) => valueOf(metrics, 'millrace_tasks', { state }));
    };
    expect([await codes(worker), await tasks()]).toEqual([
      [200, 200],
      [1, 0],
    ]);
    isSilent = true;
    expect([await codes(worker), await tasks()]).toEqual([
      [200, 503],
      [0, 1],
    ]);
    isSilent = false;
    expect(await codes(worker)).toEqual([200, 200]);
    await worker.close();
    await inner.close();
  });

  it('is no more once it has failed, and its port is free', async () => {
    const log = embedded({ partitions: 1 });
    const worker = await start({ log });
    await feed(log, 'in', [record('a', 'bad', 1)]);
    await expect(worker.finished).rejects.toMatchObject({ code: 'PROCESSING' });
    await expect(fetch(`${worker.httpUrl}/healthz`)).rejects.toThrow();
    const port = Number(new URL(worker.httpUrl ?? '').port);
    const next = await start({ log, onError: () => 'drop' }, { port });
    expect(next.httpUrl).toBe(worker.httpUrl);
    await next.caughtUp();
    expect(await codes(next)).toEqual([200, 200]);
    await next.close();
    await log.close();
  });

  it('is answered on the same port by a worker that takes its place', async () => {
    const log = embedded({ partitions: 1 });
    const first = await start({ log });
    await feed(log, 'in', [record('a', 'v', 1)]);
    await first.caughtUp();
    // Its connection is kept open.
    await scrape(first);
    await first.close();
    const port = Number(new URL(first.httpUrl ?? '').port);
    const second = await start({ log }, { port });
    await feed(log, 'in', [record('a', 'v', 2)]);
    await second.caughtUp();
    const metrics = await scrape(second);
    expect(valueOf(metrics, 'millrace_records_in_total', { task: 'in-0' })).toBe(1);
    expect(await codes(second)).toEqual([200, 200]);
    await second.close();
    await log.close();
  });

  it('comes with all that the worker knows of itself, as JSON', async () => {
    const log = embedded({ partitions: 1 });
    const worker = await start({ log, instanceId: 'one' });
    await feed(log, 'in', [record('a', 'v', 1)]);
    await worker.caughtUp();
    const status: unknown = await (await fetch(`${worker.httpUrl}/status`)).json();
    expect(status).toMatchObject({
      application: 'app',
      worker: 'one',
      isAlive: true,
      isReady: true,
      state: 'running',
      recordsIn: 1,
      tasks: [{ id: 'in-0', state: 'running' }],
      topology: { application: 'app', subTopologies: [{ id: 'in' }] },
    });
    await worker.close();
    await log.close();
  });
});
