import { expect, it } from 'vitest';
import { ScanRunner } from '../../../src/core/task/scan-runner.ts';
import type { Scannable } from '../../../src/core/task/state-port.ts';

function numbers(isSlow: boolean) {
  const opened = { closed: 0 };
  const store: Scannable<number, number> = {
    openScan(count) {
      let at = 0;
      return {
        next(maxEntries) {
          const upTo = Math.min(count, at + maxEntries);
          const entries = Array.from({ length: upTo - at }, (_, index) => at + index);
          at = upTo;
          return isSlow ? Promise.resolve(entries) : entries;
        },
        close() {
          opened.closed += 1;
        },
      };
    },
  };
  return { store, opened };
}

const runner = () => new ScanRunner((node, error) => new Error(`${node}: ${String(error)}`));

it.each([false, true])(
  'scans run in the order asked for, each to its end (slow: %s)',
  async (isSlow) => {
    const { store, opened } = numbers(isSlow);
    const scans = runner();
    const seen: string[] = [];
    scans.add('n', store, 2, (entry) => {
      seen.push(`first ${entry}`);
      if (entry === 0) scans.add('n', store, 1, (own) => seen.push(`asked within ${own}`));
    });
    scans.add('n', store, 1, (entry) => seen.push(`second ${entry}`));
    await scans.run();
    expect(seen).toEqual(['first 0', 'first 1', 'second 0', 'asked within 0']);
    expect([scans.isEmpty, opened.closed]).toEqual([true, 3]);
  },
);

it.each([false, true])('a range longer than a batch is read whole (slow: %s)', async (isSlow) => {
  const { store } = numbers(isSlow);
  const scans = runner();
  let sum = 0;
  scans.add('n', store, 2500, () => (sum += 1));
  await scans.run();
  expect(sum).toBe(2500);
});

it.each([false, true])(
  'an error in a visit names its node; the rest is forgotten (slow: %s)',
  async (isSlow) => {
    const { store, opened } = numbers(isSlow);
    const scans = runner();
    scans.add('bad', store, 3, () => {
      throw new Error('no');
    });
    scans.add('n', store, 3, () => undefined);
    await expect((async () => scans.run())()).rejects.toThrow('bad: Error: no');
    await scans.clear();
    expect([scans.isEmpty, opened.closed]).toEqual([true, 2]);
  },
);
