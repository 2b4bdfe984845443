import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  embedded,
  type EmbeddedLog,
  onClose,
  run,
  string,
  TopologyBuilder,
  tumbling,
} from '../../../src/index.ts';
import { feed, readAll } from '../../support/log-records.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-'));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

function topology() {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((value) => value, { name: 'by-value', key: string() })
    .windowedBy(tumbling(10, { grace: 1000 }))
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .to('out');
  return builder.build();
}

const records = Array.from({ length: 500 }, (_, index) => ({
  key: `k${index % 7}`,
  value: `v${index % 5}`,
  timestamp: index,
}));

async function finalCounts(log: EmbeddedLog): Promise<number> {
  const values = await readAll(log, 'out');
  return values.reduce((sum, { value }) => sum + Number(value?.readBigInt64BE(0) ?? 0n), 0);
}

describe('a worker', () => {
  it('processes everything through a repartition and goes on after a restart', async () => {
    const log = embedded();
    await feed(log, 'in', records.slice(0, 250));
    const first = await run(topology(), { log, stateDir, heartbeatInterval: '50ms' });
    await first.caughtUp();
    await first.close();
    await feed(log, 'in', records.slice(250));
    const second = await run(topology(), { log, stateDir, heartbeatInterval: '50ms' });
    await second.caughtUp();
    await feed(log, 'in', flush());
    await second.caughtUp();
    expect(second.status().restoredRecords).toBe(0);
    await second.close();
    expect(await finalCounts(log)).toBe(records.length);
    await log.close();
  });

  it('shares tasks out with others, and takes them back', async () => {
    const log = embedded();
    const one = await run(topology(), { log, stateDir, heartbeatInterval: '50ms' });
    await feed(log, 'in', records.slice(0, 100));
    const two = await run(topology(), { log, stateDir, heartbeatInterval: '50ms' });
    await feed(log, 'in', records.slice(100, 300));
    await vi.waitUntil(() => two.status().tasks.length === 4, { timeout: 20_000 });
    expect(one.status().tasks.length).toBe(4);
    await Promise.all([one.caughtUp(), two.caughtUp()]);
    await one.close();
    await feed(log, 'in', records.slice(300));
    await vi.waitUntil(() => two.status().tasks.length === 8, { timeout: 20_000 });
    await two.caughtUp();
    await feed(log, 'in', flush());
    await two.caughtUp();
    await two.close();
    expect(await finalCounts(log)).toBe(records.length);
    await log.close();
  });
});

/** Late enough on every partition to close all windows before it. */
function flush() {
  return Array.from({ length: 200 }, (_, index) => ({
    key: `f${index}`,
    value: `flush-${index}`,
    timestamp: 100_000,
  }));
}
