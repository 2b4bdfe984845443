import { grouped, type Output, printable } from '../program/output.ts';
import type { BlockedSink, Counted, Snapshot } from './snapshot.ts';

/** Shows how the platform stands: a table that is drawn over on a terminal, else a line each. */
export interface Terminal {
  show(snapshot: Snapshot): void;
  /** What it came to, for good. */
  summarize(snapshot: Snapshot): void;
}

const defaultColumns = 80;
const maxNameLength = 60;
const maxErrorLength = 200;

export function terminalOn(out: Output): Terminal {
  let drawn = 0;
  let told: readonly string[] = [];
  const draw = (lines: readonly string[]) => {
    const columns = (out.columns ?? defaultColumns) - 1;
    // A line that is wrapped would count twice on the way back up.
    const text = lines.map((line) => `\x1b[2K${line.slice(0, columns)}\n`).join('');
    out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${text}\x1b[J`);
    drawn = lines.length;
  };
  return {
    show(snapshot) {
      const waiting = snapshot.blocked.map(waitingLine);
      if (out.isTTY === true)
        return draw([progressLine(snapshot), ...waiting, '', ...table(snapshot)]);
      // Each change once: what stands in every line is not read.
      const isTold = waiting.join('\n') === told.join('\n');
      told = waiting;
      out.write([progressLine(snapshot), ...(isTold ? [] : waiting), ''].join('\n'));
    },
    summarize(snapshot) {
      if (out.isTTY === true) draw([]);
      out.write(`${summary(snapshot).join('\n')}\n`);
    },
  };
}

function progressLine(snapshot: Snapshot): string {
  const { processed, written, perSecond, quarantined, duplicates, activeSessions } = snapshot;
  return [
    `${grouped(processed)} of ${grouped(written)} events`,
    `${grouped(perSecond)}/s`,
    `quarantined ${grouped(quarantined)}`,
    `duplicates ${grouped(duplicates)}`,
    `active sessions ${grouped(activeSessions)}`,
    `users ${grouped(snapshot.days.at(-1)?.count ?? 0)}`,
  ].join(' | ');
}

function waitingLine({ sink, error }: BlockedSink): string {
  return `${sink} waits: ${printable(error, maxErrorLength)}`;
}

/** Posts on the left, countries on the right. */
function table({ posts, countries, days, eventTimeMs, endedSessions }: Snapshot): string[] {
  const left = ['rank   views  post', ...posts.map(ranked)];
  const right = ['   views  country', ...countries.slice(0, posts.length).map(counted)];
  const today = days.at(-1);
  const time = eventTimeMs < 0 ? 'no event yet' : new Date(eventTimeMs).toISOString();
  return [
    ...left.map((line, index) => `${line.padEnd(38)}${right[index] ?? ''}`.trimEnd()),
    '',
    `event time ${time} | sessions ended ${grouped(endedSessions)}` +
      (today === undefined ? '' : ` | users on ${today.name}: ${grouped(today.count)}`),
  ];
}

function summary(snapshot: Snapshot): readonly string[] {
  const { processed, accepted, quarantined, duplicates, late } = snapshot;
  return [
    '',
    `${grouped(processed)} events: ${grouped(accepted)} accepted, ` +
      `${grouped(quarantined)} quarantined, ${grouped(duplicates)} duplicates dropped`,
    ...(late === 0 ? [] : [`${grouped(late)} counts lost: tasks were too far apart`]),
    '',
    ...section('quarantined by rule', snapshot.reasons),
    `sessions: ${grouped(snapshot.endedSessions)} ended, ${grouped(snapshot.openSessions)} open`,
    '',
    ...section('users by day', snapshot.days),
    ...section('views by country', snapshot.countries),
    'rank   views  post',
    ...snapshot.posts.map(ranked),
  ];
}

function section(title: string, rows: readonly Counted[]): readonly string[] {
  return [title, ...rows.map(counted), ''];
}

function counted({ name, count }: Counted): string {
  return `${grouped(count).padStart(8)}  ${printable(name, maxNameLength)}`;
}

function ranked({ name, count }: Counted, index: number): string {
  return `${String(index + 1).padStart(4)}${grouped(count).padStart(8)}  ${printable(name, maxNameLength)}`;
}
