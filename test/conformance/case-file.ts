import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One line of a case file: steps, the records sent, and the answer. */
export interface ConformanceCase {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly records: readonly CaseRecord[];
  readonly expected: readonly ExpectedRecord[];
  readonly drops?: readonly ExpectedDrop[];
  readonly compare: 'ordered' | 'per-input-set';
  readonly feed?: 'filled';
  readonly clock?: number;
}

/** An operator by its own id, and whatever fields its kind has. */
export interface Step {
  readonly id: string;
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface CaseRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

export interface ExpectedRecord extends CaseRecord {
  /** Index of the record in whose turn it comes. */
  readonly by: number;
  /** `[start, end]` of a windowed key, half-open. */
  readonly window?: readonly [number, number | null];
}

export interface ExpectedDrop {
  readonly by: number;
  readonly reason: string;
}

/** Reads a file of JSON lines, plain or gzip. */
export function readCases(path: string): readonly ConformanceCase[] {
  const bytes = readFileSync(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const lines = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : parse(line, path, index + 1)));
}

function parse(line: string, path: string, lineNumber: number): ConformanceCase {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${path}:${lineNumber} is not JSON.`, { cause });
  }
  const candidate = parsed as Partial<ConformanceCase> | null; // checked on the next lines
  const lists = [candidate?.steps, candidate?.records, candidate?.expected];
  if (typeof candidate?.id !== 'string' || !lists.every((list) => Array.isArray(list))) {
    throw new Error(`${path}:${lineNumber} is not a case: it needs id, steps, records, expected.`);
  }
  const checked = { compare: 'ordered', ...candidate } as ConformanceCase; // its fields were checked above
  return hasInclusiveEnds(checked)
    ? { ...checked, expected: checked.expected.map(withHalfOpenWindow) }
    : checked;
}

/** Sliding windows and sessions are written by their last millisecond. */
function hasInclusiveEnds({ steps }: ConformanceCase): boolean {
  const kinds = steps.map(({ window }) => (window as { kind?: string } | undefined)?.kind); // see README
  return kinds.includes('sliding') || kinds.includes('session');
}

function withHalfOpenWindow(record: ExpectedRecord): ExpectedRecord {
  if (record.window === undefined || record.window[1] === null) return record;
  return { ...record, window: [record.window[0], record.window[1] + 1] };
}
