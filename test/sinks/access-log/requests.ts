import { readFileSync } from 'node:fs';
import type { RecordToProduce } from '../../../src/index.ts';
import { parseLogTime } from '../../../examples/view-counts/access-log.ts';

/** Apache's combined format; what is quoted may have quotes behind a backslash. */
const combined =
  /^(\S+) \S+ .*? \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"\s*$/;

/** The log at another time: all of it moved by whole days. */
export interface Copy {
  readonly name: string;
  readonly days: number;
}

/**
 * As it is, and over both changes of the clocks of New York in its year, on 8 March and on
 * 1 November; in the order of their times.
 */
export const copies: readonly Copy[] = [
  { name: 'march', days: -71 },
  { name: 'may', days: 0 },
  { name: 'october', days: 166 },
];

/** What comes a quarter of a year later and each month after that, so that all windows close. */
export const closingCopies: readonly Copy[] = [260, 290, 320].map((days) => {
  return { name: `closing-${days}`, days };
});

export type Sent = RecordToProduce<string, unknown>;

export function readLines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** How often a request is sent twice: each so many. */
export const duplicateEvery = 50;

/**
 * Lines as a collector would send them: whatever is no request goes as it is, and some requests
 * come twice.
 */
export function sentOf(lines: readonly string[], copy: Copy): readonly Sent[] {
  return lines.flatMap((line, index) => {
    const sent = recordOf(line, index, copy);
    return index % duplicateEvery === 0 ? [sent, sent] : [sent];
  });
}

function recordOf(line: string, index: number, { name, days }: Copy): Sent {
  const [, ip = '', at = '', request = '', status, referrer, agent] = combined.exec(line) ?? [];
  const loggedMs = parseLogTime(at);
  if (loggedMs === null) return { key: 'unreadable', value: { line }, timestamp: 0 };
  const timestamp = loggedMs + days * 86_400_000;
  const [method, page] = request.split(' ');
  return {
    // As from one web server per address: each partition has the disorder of the log.
    key: ip,
    timestamp,
    value: {
      event_id: `${name}-${index}`,
      event_type: method === 'GET' && status === '200' ? 'page_view' : 'request',
      anonymous_id: `${ip} ${agent}`,
      timestamp: new Date(timestamp).toISOString(),
      context: { ip, user_agent: agent, page, referrer: referrer === '-' ? null : referrer },
      properties: { method, status: Number(status) },
    },
  };
}
