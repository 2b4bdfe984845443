import type { Row } from '../program/row-source.ts';
import { parseInputLine } from './input-line.ts';

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
