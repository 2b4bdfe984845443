import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type KGroupedStream,
  hopping,
  type KTable,
  onClose,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { naiveEstimate, naiveMurmur3 } from '../support/naive-hyper-log-log.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';
import {
  byKeyAndStart,
  type NaiveAggregation,
  type NaiveRow,
  type SentRecord,
  streamTimeAfter,
  verdictOn,
  type Window,
} from './naive-aggregation.ts';

const SIZE_MS = 10;
const EVERY_MS = 4;
const GRACE_MS = 4;

// Few ids and keys, so that ids come again; 16 registers, so that ids also share them.
const sentRecord = fc.record({
  key: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b') }, fc.constant(null)),
  value: fc.oneof({ weight: 19, arbitrary: fc.nat(9).map(String) }, fc.constant(null)),
  timestamp: fc.nat(60),
});

const measures = [
  { kind: 'exact', options: {}, measure: (ids: ReadonlySet<string>) => ids.size },
  {
    kind: 'estimated',
    options: { precision: 4 },
    measure: (ids: ReadonlySet<string>) =>
      naiveEstimate(
        [...ids].map((id) => naiveMurmur3(Buffer.from(id))),
        4,
      ),
  },
] as const;
type Measure = (typeof measures)[number]['measure'];

const unwindowed: Pick<NaiveAggregation, 'windowsAt' | 'graceMs'> = { windowsAt: null, graceMs: 0 };
const windowed = { windowsAt, graceMs: GRACE_MS };

function windowsAt(timestamp: number): readonly Window[] {
  const all: Window[] = [];
  for (let startMs = 0; startMs <= 60; startMs += EVERY_MS) {
    all.push({ startMs, endMs: startMs + SIZE_MS });
  }
  return all.filter(({ startMs, endMs }) => startMs <= timestamp && timestamp < endMs);
}

/** '7' is the null id. */
const verdict = (sent: readonly SentRecord[], index: number, rules: typeof unwindowed) =>
  verdictOn(
    sent.map((one) => (one.value === '7' ? { ...one, value: null } : one)),
    index,
    { ...rules, fold: () => null },
  );

/** The row of a key and window, and whether the last of the records changed it. */
function recounted(records: readonly SentRecord[], measure: Measure) {
  let row = { value: null as number | null, timestamp: -1 }; // widened: the loop assigns it
  let isChanged = false;
  records.forEach(({ timestamp }, index) => {
    const value = measure(new Set(records.slice(0, index + 1).map((one) => one.value ?? '')));
    isChanged = value !== row.value;
    if (isChanged) row = { value, timestamp: Math.max(row.timestamp, timestamp) };
  });
  return { ...row, isChanged };
}

function rowsOnUpdate(sent: readonly SentRecord[], rules: typeof unwindowed, measure: Measure) {
  return sent.flatMap(({ key }, index) =>
    verdict(sent, index, rules).windows.flatMap((window): NaiveRow[] => {
      const own = sent.filter(
        (other, at) =>
          at <= index &&
          other.key === key &&
          verdict(sent, at, rules).windows.some((one) => one?.startMs === window?.startMs),
      );
      const { value, timestamp, isChanged } = recounted(own, measure);
      return isChanged ? [{ key: key ?? '', window, value, timestamp }] : [];
    }),
  );
}

/** The last row of each window, in the order of their ends, once stream time has reached them. */
function rowsOnClose(sent: readonly SentRecord[], measure: Measure) {
  const rows = rowsOnUpdate(sent, windowed, measure);
  const last = new Map(rows.map((row) => [`${row.key} ${row.window?.startMs}`, row]));
  const closed = streamTimeAfter(sent, sent.length) - GRACE_MS;
  const endOf = ({ window }: NaiveRow) => window?.endMs ?? 0;
  return [...last.values()]
    .filter((row) => endOf(row) <= closed)
    .sort((a, b) => endOf(a) - endOf(b) || byKeyAndStart(a, b));
}

const by = (value: string | null) => (value === '7' ? null : value);

/** `count` gives the table; its keys are windowed ones or not. */
function topologyOf<K>(count: (group: KGroupedStream<string, string | null>) => KTable<K, number>) {
  const builder = new TopologyBuilder('property');
  const group = builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' })
    .groupByKey();
  count(group).toStream().to('out');
  return builder.build();
}

describe.each(measures)('the $kind count', ({ options, measure }) => {
  const all = { name: 'ids', id: string(), ...options };
  const windows = hopping(SIZE_MS, { every: EVERY_MS, grace: GRACE_MS });

  function holds(
    topology: Topology,
    rules: typeof unwindowed,
    expected: (sent: readonly SentRecord[]) => readonly NaiveRow[],
  ): void {
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      expect(readPlain(driver, 'out')).toEqual(
        expected(sent).map(({ key, window, value, timestamp }) => ({
          key: window === null ? key : { key, ...window },
          value,
          timestamp,
        })),
      );
      const reasons = sent.flatMap((_, index) => verdict(sent, index, rules).reason ?? []);
      expect(dropped).toEqual(reasons);
    });
    fc.assert(law, propertyOptions(60));
  }

  it('is a recount of the input', () => {
    const topology = topologyOf((group) => group.countDistinct(by, all));
    holds(topology, unwindowed, (sent) => rowsOnUpdate(sent, unwindowed, measure));
  });

  it('in windows is a recount of what each has accepted', () => {
    const topology = topologyOf((group) => group.windowedBy(windows).countDistinct(by, all));
    holds(topology, windowed, (sent) => rowsOnUpdate(sent, windowed, measure));
  });

  it('of a window that closes is its last one', () => {
    const topology = topologyOf((group) =>
      group.windowedBy(windows).countDistinct(by, { ...all, emit: onClose() }),
    );
    holds(topology, windowed, (sent) => rowsOnClose(sent, measure));
  });
});
