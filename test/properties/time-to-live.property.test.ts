import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  int64,
  type KeyValueStore,
  keyValueStore,
  noHeaders,
  type ProcessorContext,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

interface Row {
  readonly value: unknown;
  readonly timestamp: number;
}

const timeToLive = 10;

/** The row after a record; null: none. */
type Fold = (row: Row | undefined, sent: Sent) => Row | null;

/** What each record and the time it brings leave, with all rows in one map. */
function recomputed(sent: readonly Sent[], fold: Fold) {
  const rows = new Map<string, Row>();
  const out: (Omit<Sent, 'value'> & { readonly value: unknown })[] = [];
  const drops: string[] = [];
  let streamTime = -1;
  for (const record of sent) {
    streamTime = Math.max(streamTime, record.timestamp);
    const over = [...rows].filter(([, row]) => row.timestamp + timeToLive <= streamTime);
    over.sort(([a, rowA], [b, rowB]) => rowA.timestamp - rowB.timestamp || (a < b ? -1 : 1));
    for (const [key, { timestamp }] of over) {
      rows.delete(key);
      out.push({ key, value: null, timestamp: timestamp + timeToLive });
    }
    const { key } = record;
    const row = fold(rows.get(key), record);
    if (row !== null && row.timestamp + timeToLive <= streamTime) drops.push('expired');
    else if (row !== null) {
      rows.set(key, row);
      out.push({ key, value: row.value, timestamp: row.timestamp });
    } else if (rows.delete(key)) out.push({ key, value: null, timestamp: record.timestamp });
  }
  return { out, drops, rows: [...rows].map(([key, { value }]) => [key, value]).toSorted() };
}

const latest: Fold = (_row, { value, timestamp }) => (value === null ? null : { value, timestamp });

const counted: Fold = (row, { timestamp }) => ({
  value: Number(row?.value ?? 0) + 1,
  timestamp: Math.max(row?.timestamp ?? 0, timestamp),
});

const sentRecord = (mayDelete: boolean): fc.Arbitrary<Sent> =>
  fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    value: mayDelete ? fc.constantFrom('x', 'y', null) : fc.constantFrom('x', 'y'),
    timestamp: fc.oneof(fc.nat(30), fc.nat(100)),
  });

const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;

function table() {
  const builder = new TopologyBuilder('property');
  builder
    .table('in', { name: 'rows', ...serdes, timeToLive })
    .toStream()
    .to('out');
  return builder.build();
}

function toTable() {
  const builder = new TopologyBuilder('property');
  const stream = builder.stream('in', { ...serdes, tombstones: 'keep' });
  stream.toTable({ name: 'rows', timeToLive }).toStream().to('out');
  return builder.build();
}

function count() {
  const builder = new TopologyBuilder('property');
  const grouped = builder.stream('in', serdes).groupByKey();
  grouped.count({ name: 'rows', timeToLive }).toStream().to('out');
  return builder.build();
}

describe.each([
  { operator: 'table', topology: table(), fold: latest, mayDelete: true },
  { operator: 'toTable', topology: toTable(), fold: latest, mayDelete: true },
  { operator: 'count', topology: count(), fold: counted, mayDelete: false },
])('$operator with a time to live', ({ topology, fold, mayDelete }) => {
  it('each row is deleted once its time is over, at that time and in order', () => {
    const law = fc.property(stepsOf(sentRecord(mayDelete), 40), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const { out, drops, rows } = recomputed(sent, fold);
      expect(readPlain(driver, 'out')).toEqual(out);
      expect(dropped).toEqual(drops);
      expect(driver.store('rows').entries()).toEqual(rows);
    });
    fc.assert(law, propertyOptions(35));
  });
});

it('a store of one’s own finds no row whose time is over', () => {
  const mine = keyValueStore({ name: 'mine', key: string(), value: int64(), timeToLive });
  const builder = new TopologyBuilder('property');
  builder
    .stream('in', serdes)
    .process(
      {
        name: 'own',
        stores: [mine],
        create(context: ProcessorContext<string, string>) {
          const store: KeyValueStore<string, number> = context.store(mine);
          return {
            process({ key, timestamp }) {
              const row = store.get(key ?? '');
              const value = (row?.value ?? 0) + 1;
              const rowTime = Math.max(row?.timestamp ?? 0, timestamp);
              store.put(key ?? '', { value, timestamp: rowTime });
              const found = String(store.get(key ?? '')?.value);
              context.forward({ key: key ?? '', value: found, timestamp, headers: noHeaders });
            },
          };
        },
      },
      { key: string(), value: string() },
    )
    .to('out');
  const topology = builder.build();
  const law = fc.property(stepsOf(sentRecord(false), 40), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const { sent, dropped } = play(driver, steps);
    const found = sent.map((record, index) => {
      const { rows } = recomputed(sent.slice(0, index + 1), counted);
      return String(new Map(rows.map(([key, value]) => [key, value])).get(record.key));
    });
    expect(readPlain(driver, 'out').map(({ value }) => value)).toEqual(found);
    expect(dropped).toEqual(recomputed(sent, counted).drops);
  });
  fc.assert(law, propertyOptions(35));
});
