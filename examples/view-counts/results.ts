import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { grouped, printable } from '../program/output.ts';

const maxPageLength = 80;

/** One window of one page, as `--json` writes it. */
export interface WindowCount {
  readonly key: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly count: number;
  /** Set where the window may still grow. */
  readonly open?: true;
}

export function compareWindows(a: WindowCount, b: WindowCount): number {
  if (a.windowStart !== b.windowStart) return a.windowStart - b.windowStart;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Writes windows as JSON lines. */
export async function writeJsonLines(path: string, windows: readonly WindowCount[]): Promise<void> {
  const lines = Readable.from(windows.map((window) => `${JSON.stringify(window)}\n`));
  await pipeline(lines, createWriteStream(path));
}

/** The pages with the most views over all windows, as lines of a table. */
export function topPages(windows: readonly WindowCount[], count: number): readonly string[] {
  const views = new Map<string, number>();
  for (const window of windows) {
    views.set(window.key, (views.get(window.key) ?? 0) + window.count);
  }
  const top = [...views].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, count);
  const width = Math.max(5, ...top.map(([, total]) => grouped(total).length));
  const rows = top.map(([page, total], index) => {
    const rank = String(index + 1).padStart(4);
    return `${rank}  ${grouped(total).padStart(width)}  ${printable(page, maxPageLength)}`;
  });
  return [`rank  ${'views'.padStart(width)}  page`, ...rows];
}
