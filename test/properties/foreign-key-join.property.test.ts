import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { readPlain, type RunStep, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly topic: 'left' | 'right';
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

const timestamp = fc.nat(20);
// The first letter of a left value is its foreign key.
const leftRecord = fc.record({
  topic: fc.constant('left' as const),
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('f1', 'f2', 'g1', '', null),
  timestamp,
});
// A right value begins with its key.
const rightRecord = fc.constantFrom('f', 'g').chain((key) =>
  fc.record({
    topic: fc.constant('right' as const),
    key: fc.constant(key),
    value: fc.constantFrom(`${key}x`, `${key}y`, null),
    timestamp,
  }),
);
const sentRecord: fc.Arbitrary<Sent> = fc.oneof(leftRecord, rightRecord);

const foreignKey = (text: string) => (text === '' ? undefined : text.slice(0, 1));
const pair = (left: string, right: string | null) => `${left}|${right ?? '-'}`;

interface Row {
  readonly value: string;
  readonly timestamp: number;
}

/** Both tables as they stand. */
class NaiveTables {
  private readonly left = new Map<string, Row>();
  private readonly right = new Map<string, Row>();

  constructor(private readonly isLeft: boolean) {}

  get keys(): readonly string[] {
    return [...this.left.keys()].sort();
  }

  get subscribed(): number {
    return [...this.left.values()].filter((row) => foreignKey(row.value) !== undefined).length;
  }

  rightOf(key: string): Row | undefined {
    const foreign = foreignKey(this.left.get(key)?.value ?? '');
    return foreign === undefined ? undefined : this.right.get(foreign);
  }

  result(key: string): string | null {
    const left = this.left.get(key);
    const right = this.rightOf(key);
    if (left === undefined || (right === undefined && !this.isLeft)) return null;
    return pair(left.value, right?.value ?? null);
  }

  put({ topic, key, value, timestamp: at }: Sent): void {
    if (value === null) this[topic].delete(key);
    else this[topic].set(key, { value, timestamp: at });
  }

  /** The changes that one record makes, when everything before it has settled. */
  take(sent: Sent): unknown[] {
    const isRow = this[sent.topic].has(sent.key) || sent.value !== null;
    const told =
      sent.topic === 'left'
        ? [sent.key]
        : this.keys.filter((key) => foreignKey(this.left.get(key)?.value ?? '') === sent.key);
    const before = told.map((key) => ({ key, result: this.result(key), right: this.rightOf(key) }));
    this.put(sent);
    return before.flatMap(({ key, result, right }) => {
      const value = this.result(key);
      if (!isRow || (result === null && value === null)) return [];
      const hasForeignKey = foreignKey(sent.value ?? '') !== undefined;
      const isDecidedAtOnce = sent.topic === 'left' && value === null && !hasForeignKey;
      const other =
        sent.topic === 'right' ? this.left.get(key) : isDecidedAtOnce ? right : this.rightOf(key);
      return [{ key, value, timestamp: Math.max(sent.timestamp, other?.timestamp ?? 0) }];
    });
  }
}

function topologyOf(isLeft: boolean) {
  const builder = new TopologyBuilder('property');
  const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
  const left = builder.table('left', { name: 'left', ...serdes });
  const right = builder.table('right', { name: 'right', ...serdes });
  const options = { name: 'joined', value: string(), foreignKey };
  const joined = isLeft ? left.leftJoin(right, pair, options) : left.join(right, pair, options);
  joined.toStream().to('out');
  return builder.build();
}

/** One commit makes the next internal topic readable. */
function settle(driver: TopologyTestDriver): void {
  for (let passed = 0; passed < 4; passed++) driver.commit();
}

function recordsOf(steps: readonly RunStep<Sent>[]): readonly Sent[] {
  return steps.flatMap((step) => (step.kind === 'record' ? [step.record] : []));
}

describe.each([
  ['inner', false],
  ['left', true],
] as const)('%s join by foreign key', (_type, isLeft) => {
  const topology = topologyOf(isLeft);

  it('record by record, forwards the changes of the joined rows', () => {
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const tables = new NaiveTables(isLeft);
      for (const step of steps) {
        if (step.kind === 'crash') driver.crash();
        if (step.kind !== 'record') continue;
        driver.send(step.record.topic, step.record);
        settle(driver);
        expect(readPlain(driver, 'out')).toEqual(tables.take(step.record));
      }
    });
    fc.assert(law, propertyOptions(60));
  });

  it.each([1, 3])(
    'whatever crosses, ends as the join of the last rows (%d partitions)',
    (partitions) => {
      const law = fc.property(stepsOf(sentRecord, 40), (steps) => {
        const driver = new TopologyTestDriver(topology, { commit: 'manual', partitions });
        for (const step of steps) {
          if (step.kind === 'record') driver.send(step.record.topic, step.record);
          else if (step.kind === 'commit') driver.commit();
          else driver.crash();
        }
        settle(driver);
        const tables = new NaiveTables(isLeft);
        for (const sent of recordsOf(steps)) tables.put(sent);
        const last = tables.keys.map((key) => [key, tables.result(key)] as const);
        // Nor is a row on its way ever told with the right row of another foreign key.
        for (const { value } of readPlain(driver, 'out'))
          expect(String(value)).not.toMatch(/^(f.\|g|g.\|f)/);
        const rows = [...driver.readTable('out')].sort();
        expect(rows).toEqual(last.filter(([, result]) => result !== null));
        expect(driver.store('joined-subscriptions').entries()).toHaveLength(tables.subscribed);
      });
      fc.assert(law, propertyOptions(60));
    },
  );
});
