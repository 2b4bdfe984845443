import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { directoryId } from '../../../src/core/runtime/directory-id.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';
import {
  embedded,
  type EmbeddedLog,
  onUpdate,
  run,
  string,
  TopologyBuilder,
  type Worker,
} from '../../../src/index.ts';
import { feed } from '../../support/log-records.ts';
import { textRecords } from '../../support/workshop.ts';

let root: string;
let log: EmbeddedLog;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'millrace-'));
  log = embedded({ partitions: 2 });
});

afterEach(async () => {
  await log.close();
  rmSync(root, { recursive: true, force: true });
});

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  return builder.build();
}

function start(directory: string): Promise<Worker> {
  return run(counting(), {
    log,
    stateDir: path.join(root, directory),
    standbyReplicas: 1,
    heartbeatInterval: '50ms',
  });
}

const input = textRecords(Array.from({ length: 300 }, (_, index) => `k${index}=v`));
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000 });

describe('workers with state in files', () => {
  it('on disks of their own keep copies, and go on from them', async () => {
    const one = await start('one');
    const two = await start('two');
    await feed(log, 'in', input);
    await until(() => one.status().tasks.length === 1 && two.status().tasks.length === 1);
    await Promise.all([one.caughtUp(), two.caughtUp()]);
    const isReady = (worker: Worker) => worker.status().copies.some((copy) => copy.isReady);
    await until(() => isReady(one) && isReady(two));
    const copied = () => two.status().copies[0]?.restoredRecords ?? 0;
    const written = one.status().recordsIn;
    expect(written).toBeGreaterThan(0);
    await until(() => copied() === written);
    const before = two.status().restoredRecords;
    await one.close();
    await until(() => two.status().tasks.length === 2);
    await two.caughtUp();
    expect(two.status().restoredRecords - before).toBe(0);
    expect(two.status().copies).toEqual([]);
    await two.close();
  });

  it('on one disk keep no copies: the files are there for each of them', async () => {
    const one = await start('same');
    await feed(log, 'in', input);
    await one.caughtUp();
    const two = await start('same');
    await until(() => two.status().tasks.length === 1);
    await Promise.all([one.caughtUp(), two.caughtUp()]);
    expect([one.status().copies, two.status().copies]).toEqual([[], []]);
    expect(two.status().restoredRecords).toBe(0);
    await Promise.all([one.close(), two.close()]);
  });
});

it('a directory has one id, whoever asks, and another one another', () => {
  const { random } = systemRuntime;
  const [one, two] = [path.join(root, 'one'), path.join(root, 'two')];
  expect(directoryId(one, random)).toBe(directoryId(one, random));
  expect(directoryId(one, random)).not.toBe(directoryId(two, random));
});
