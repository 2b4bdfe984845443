import { parseInputLine } from './input-line.ts';

/** A record of the input topic before it is written. */
export interface Row {
  /** The page; null where it is not known. */
  readonly key: string | null;
  readonly value: string;
  /** Event time, epoch milliseconds. */
  readonly timestamp: number;
}

export function viewRow(page: string, timestamp: number): Row {
  return { key: page, value: JSON.stringify({ page }), timestamp };
}

/**
 * The row of an input line, or null for a request that is no view. A line that cannot be read goes
 * into the topic as it is: there it fails to deserialize, is counted, and becomes a dead letter.
 */
export function rowOfLine(line: string, previousTimestamp: number): Row | null {
  const parsed = parseInputLine(line);
  switch (parsed.kind) {
    case 'view':
      return viewRow(parsed.page, parsed.timestamp);
    case 'other':
      return null;
    case 'unreadable':
      return { key: null, value: line, timestamp: previousTimestamp };
  }
}
