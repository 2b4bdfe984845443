import { StoreError } from '../model/errors.ts';
import { asBuffer } from '../serde/range-serde.ts';
import type { EventClockSnapshot } from './event-clock.ts';

const progressFormat = 1;

/** How far a task is: the truth, of which the group's committed offsets are a copy. */
export interface ProgressRow {
  readonly commitNumber: number;
  /** Next input offset by topic. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Next changelog offset by store: what belongs to this row lies before it. */
  readonly changelogs: Readonly<Record<string, number>>;
  readonly clock: EventClockSnapshot;
  /** Timers set so far; orders those of one time, node and key. */
  readonly timerArrivals: number;
  /** The input whose next record time is being stepped for; absent between two records. */
  readonly steppingFor?: string;
}

export function encodeProgress(row: ProgressRow): string {
  return JSON.stringify({ format: progressFormat, ...row });
}

/** @throws {StoreError} `FORMAT_NEWER` if a newer version wrote the row. */
export function decodeProgress(bytes: Uint8Array): ProgressRow {
  const row = JSON.parse(asBuffer(bytes).toString('utf8')) as ProgressRow & { format: number }; // written by encodeProgress
  if (row.format <= progressFormat) {
    const { offsets, changelogs } = row;
    return { ...row, offsets: withoutPrototype(offsets), changelogs: withoutPrototype(changelogs) };
  }
  throw new StoreError(
    'FORMAT_NEWER',
    `The progress row of a task has format ${row.format}, this version reads up to ` +
      `${progressFormat}. Run the version that wrote it, or a newer one.`,
  );
}

/** Topics and stores may be called as members of every object are: 'constructor'. */
function withoutPrototype(record: Readonly<Record<string, number>>): Record<string, number> {
  return Object.assign(Object.create(null) as Record<string, number>, record); // empty as made
}
