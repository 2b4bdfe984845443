import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly topic: 'events' | 'rows';
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

const timesOf = (sent: readonly Sent[]) => sent.map(({ timestamp }) => timestamp);
const streamTimeOf = (sent: readonly Sent[]) => Math.max(-1, ...timesOf(sent));

/** What becomes of each update: those before it decide. */
function verdictsOn(rows: readonly Sent[], history: number) {
  const kept: Sent[] = [];
  return rows.map((row, index) => {
    const later = kept.some(({ key, timestamp }) => key === row.key && timestamp > row.timestamp);
    const isExpired = later && row.timestamp < streamTimeOf(rows.slice(0, index + 1)) - history;
    if (!isExpired) kept.push(row);
    return isExpired ? 'expired' : later ? 'older' : 'latest';
  });
}

/** The value that was valid at a time, as far as it is still known. */
function asOf(rows: readonly Sent[], key: string, timeMs: number, history: number): string | null {
  const verdicts = verdictsOn(rows, history);
  const kept = rows.filter((row, index) => row.key === key && verdicts[index] !== 'expired');
  // Stable: of equal times the later arrival stands last.
  const versions = kept.toSorted((a, b) => a.timestamp - b.timestamp);
  const latest = versions.at(-1);
  if (latest === undefined) return null;
  if (latest.timestamp <= timeMs) return latest.value;
  if (timeMs < streamTimeOf(rows) - history) return null;
  return versions.findLast(({ timestamp }) => timestamp <= timeMs)?.value ?? null;
}

/** The joined values, each looked up among the rows sent before its turn came. */
function joined(sent: readonly Sent[], history: number, grace: number | null): string[] {
  const results: string[] = [];
  let waiting: Sent[] = [];
  const lookUp = ({ key, value, timestamp }: Sent, count: number) => {
    const rows = sent.slice(0, count).filter(({ topic }) => topic === 'rows');
    results.push(`${value}|${asOf(rows, key, timestamp, history)}@${timestamp}`);
  };
  for (const [index, record] of sent.entries()) {
    if (record.topic === 'rows') continue;
    const streamTime = streamTimeOf(
      sent.slice(0, index + 1).filter(({ topic }) => topic === 'events'),
    );
    const isDue = ({ timestamp }: Sent) => grace === null || timestamp + grace <= streamTime;
    const due = waiting.filter(isDue);
    waiting = waiting.filter((one) => !isDue(one));
    due.sort((a, b) => a.timestamp - b.timestamp || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    for (const one of due) lookUp(one, index);
    if (isDue(record)) lookUp(record, index);
    else waiting.push(record);
  }
  return results;
}

const cases = [
  { history: 10, grace: null, maxTime: 40, maxLength: 30 },
  { history: 10, grace: 7, maxTime: 40, maxLength: 30 },
  { history: 0, grace: null, maxTime: 10, maxLength: 24 },
  { history: 30, grace: 20, maxTime: 90, maxLength: 60 },
];

describe.each(cases)('history $history, grace $grace', ({ history, grace, maxTime, maxLength }) => {
  const builder = new TopologyBuilder('property');
  const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
  const table = builder.table('rows', { name: 'rows', ...serdes, versioned: { history } });
  table.toStream().to('changes');
  const options = { name: 'joined', value: string(), ...(grace === null ? {} : { grace }) };
  builder
    .stream('events', serdes)
    .leftJoin(table, (value, row) => `${value}|${row}`, options)
    .to('out');
  const topology = builder.build();
  const record: fc.Arbitrary<Sent> = fc
    .record({
      topic: fc.constantFrom('rows' as const, 'rows' as const, 'events' as const),
      key: fc.constantFrom('a', 'a', 'a', 'b'),
      deletes: fc.nat(5).map((one) => one === 0),
      timestamp: fc.nat(maxTime),
      number: fc.nat(1000),
    })
    .map(({ topic, key, deletes, timestamp, number }) => {
      const value = deletes && topic === 'rows' ? null : `${topic[0]}${number}`;
      return { topic, key, value, timestamp };
    });

  it('each event gets what was valid at its time, as far as the history goes back', () => {
    const law = fc.property(stepsOf(record, maxLength), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const out = readPlain(driver, 'out').map(
        ({ value, timestamp }) => `${String(value)}@${timestamp}`,
      );
      expect(out).toEqual(joined(sent, history, grace));
      const rows = sent.filter(({ topic }) => topic === 'rows');
      const verdicts = verdictsOn(rows, history);
      expect(dropped).toEqual(
        verdicts.filter((one) => one === 'expired').map(() => 'expired-version'),
      );
      const isTold = (row: Sent, index: number) => {
        if (verdicts[index] !== 'latest') return false;
        return row.value !== null || asOf(rows.slice(0, index), row.key, maxTime, history) !== null;
      };
      const told = rows
        .filter(isTold)
        .map(({ key, value, timestamp }) => ({ key, value, timestamp }));
      expect(readPlain(driver, 'changes')).toEqual(told);
    });
    fc.assert(law, propertyOptions(60));
  });
});
