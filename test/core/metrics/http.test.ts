import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  embedded,
  type HttpOptions,
  onUpdate,
  type RunOptions,
  run,
  string,
  TopologyBuilder,
  tumbling,
  type Worker,
} from '../../../src/index.ts';
import { feed } from '../../support/log-records.ts';
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
});
