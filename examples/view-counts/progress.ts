import { grouped, type Output } from '../program/output.ts';

export interface ProgressSample {
  /** Rows written to the log, earlier starts included. */
  readonly rows: number;
  /** Rows processed and committed, earlier starts included. */
  readonly processed: number;
  readonly windowsClosed: number;
  /** By reason, since this start; null: known to the workers alone. */
  readonly drops: ReadonlyMap<string, number> | null;
}

/** Shows samples: one line rewritten on a terminal, else a line each. */
export interface Progress {
  show(sample: ProgressSample, atMs: number): void;
  end(): void;
}

export function progressTo(out: Output): Progress {
  let previous: { readonly processed: number; readonly atMs: number } | null = null;
  return {
    show(sample, atMs) {
      const perSecond = previous === null ? 0 : rateSince(previous, sample.processed, atMs);
      previous = { processed: sample.processed, atMs };
      const line = progressLine(sample, perSecond);
      out.write(
        out.isTTY === true ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`,
      );
    },
    end() {
      if (out.isTTY === true) out.write('\n');
    },
  };
}

export function progressLine(sample: ProgressSample, perSecond: number): string {
  return [
    `${grouped(sample.processed)} of ${grouped(sample.rows)} records`,
    `${grouped(perSecond)}/s`,
    `${grouped(sample.windowsClosed)} windows closed`,
    ...(sample.drops === null ? [] : [`dropped: ${dropsText(sample.drops)}`]),
  ].join(' | ');
}

function dropsText(drops: ReadonlyMap<string, number>): string {
  if (drops.size === 0) return 'none';
  return [...drops].map(([reason, count]) => `${reason} ${grouped(count)}`).join(', ');
}

function rateSince(
  previous: { readonly processed: number; readonly atMs: number },
  processed: number,
  atMs: number,
): number {
  const elapsedMs = Math.max(1, atMs - previous.atMs);
  return Math.max(0, Math.round(((processed - previous.processed) * 1000) / elapsedMs));
}
