import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  embedded,
  memoryBackend,
  onUpdate,
  run,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { runAll } from '../../../src/core/worker/run-all.ts';
import { Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';
import { mappingStates } from '../../torture/ports.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() });
  return builder.build();
}

it('a worker whose tasks fail to close closes all of them, and leaves them to others', async () => {
  const workshop = new Workshop({ partitions: 4 });
  const closed: string[] = [];
  let isGone = false;
  const state = mappingStates(memoryBackend(), (local, taskId) =>
    overriding(local, {
      close: async (options) => {
        if (!isGone) return local.close(options);
        closed.push(taskId);
        throw new Error('The directory is gone.');
      },
    }),
  );
  const one = await workshop.start(counting(), { state });
  await workshop.until(one.caughtUp());
  const two = await workshop.start(counting(), { state: memoryBackend() });
  await workshop.runtime.advance(1_000);
  isGone = true;
  await workshop.until(one.close());
  expect(one.state).toBe('closed');
  expect(closed.length).toBe(2);
  expect(workshop.coordinator.describe('app').memberIds.length).toBe(1);
  await workshop.runtime.advance(1_000);
  expect(two.status().tasks.map(({ state: now }) => now)).toEqual(Array(4).fill('running'));
});

it('a worker whose state directory was removed closes, and gives its slot back', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-closing-'));
  const slots = path.join(stateDir, 'app', 'slots');
  const options = { log: embedded(), stateDir, state: memoryBackend() };
  try {
    const first = await run(counting(), options);
    rmSync(stateDir, { recursive: true });
    await first.close();
    await first.finished;
    expect(first.state).toBe('closed');
    const second = await run(counting(), options);
    expect(readdirSync(slots)).toContain('slot-0.id');
    await second.close();
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

it('steps that must all be taken are, in order, and the first failure is thrown', async () => {
  const taken: number[] = [];
  const step = (number: number, error: Error | null) => async () => {
    taken.push(number);
    if (error !== null) throw error;
  };
  const first = new Error('first');
  const steps = [step(1, null), step(2, first), step(3, new Error('second')), step(4, null)];
  await expect(runAll(steps)).rejects.toBe(first);
  expect(taken).toEqual([1, 2, 3, 4]);
});
