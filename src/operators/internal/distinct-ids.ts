import { formatText } from '../../core/model/format-text.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import type { StoreOptions } from '../../state/store-definitions.ts';
import type { WindowStore } from '../../state/store.ts';
import { undefinedValue } from './callbacks.ts';
import { encodedBytes, keyPair } from './encoded-bytes.ts';
import { addHash, estimate, noRegisters, type Registers } from './hyper-log-log.ts';
import { murmur3 } from './murmur3.ts';
import { counted, type Step, type StepFactory, unchanged } from './steps.ts';

/** What a record counts as; null: the record is dropped. */
export type IdSelector<K, V, Id> = (value: V, key: K) => Id | null;

/** The part of `countDistinct` that says what is distinct. */
export interface DistinctOptions<Id> {
  /** The serde of the ids: two are the same if their bytes are. */
  readonly id: Serde<Id>;
  /**
   * From 4 to 18: an estimate by HyperLogLog, with 2^precision registers per row and a standard
   * error of `1.04 / sqrt(2^precision)`. Left out, the count is exact.
   */
  readonly precision?: number;
}

export interface DistinctSpec<K, V, Id> extends DistinctOptions<Id> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly by: IdSelector<K, V, Id>;
}

type StoreContext = Pick<ProcessorContext<never, never>, 'store'>;

/** What is kept beside a row: one entry per id, or one row of registers. */
export type Entries<K, Value> = Pick<WindowStore<K, Value>, 'get' | 'put'>;

/** Defines such a store, with windows or without. */
export type EntriesMaker<Definition> = <K, Value>(
  options: StoreOptions<K, Value>,
) => {
  readonly definition: Definition;
  readonly open: (context: StoreContext) => Entries<K, Value>;
};

/** What an aggregation needs to count ids. */
export interface DistinctParts<K, V, Definition> {
  readonly isNull: (record: StreamRecord<K, V>) => boolean;
  readonly stores: readonly Definition[];
  readonly step: StepFactory<K, V, number>;
}

export function distinctParts<K, V, Id, Definition>(
  spec: DistinctSpec<K, V, Id>,
  make: EntriesMaker<Definition>,
): DistinctParts<K, V, Definition> {
  const { name, key, id, by, precision } = spec;
  const isNull = hasNoId(by);
  const bytesOf = idBytes(spec);
  const idOf = (record: StreamRecord<K, V>) => bytesOf(record.value, record.key);
  if (precision === undefined) {
    // The formats of key and id are part of it, so that a change of either is refused.
    const format = `distinct(${formatText(key)}, ${formatText(id)})`;
    const options = { name: `${name}-ids`, key: encodedBytes({ format }), value: none };
    const { definition, open } = make(options);
    const step: StepFactory<K, V, number> = (node, context) =>
      exactStep(open(context), (record) => keyPair(keyBytes(key, record.key), idOf(record)), node);
    return { isNull, stores: [definition], step };
  }
  const format = `hyper-log-log(${formatText(id)}, ${precision})`;
  const { definition, open } = make({
    name: `${name}-registers`,
    key,
    value: encodedBytes({ format }),
  });
  const step: StepFactory<K, V, number> = (_node, context) =>
    estimatedStep(open(context), precision, idOf);
  return { isNull, stores: [definition], step };
}

/** Whether a record counts as one without a value. */
export function hasNoId<K, V>(by: IdSelector<K, V, unknown>) {
  return ({ key, value }: StreamRecord<K, V>): boolean => by(value, key) === null;
}

export function idBytes<K, V, Id>({ name, by, id }: Omit<DistinctSpec<K, V, Id>, 'key'>) {
  return (value: V, key: K): Uint8Array => {
    const found = by(value, key);
    // Null was dropped before: here it tells of a callback that is not pure.
    if (found === undefined || found === null) throw undefinedValue(name, '`by`');
    return keyBytes(id, found);
  };
}

const none = encodedBytes({ format: 'nothing' });
const nothing = Buffer.alloc(0);

function exactStep<K, V>(
  ids: Entries<Uint8Array, Uint8Array>,
  entryOf: (record: StreamRecord<K, V>) => Uint8Array,
  node: string,
): Step<K, V, number> {
  return (row, record, startMs, endMs) => {
    const entry = entryOf(record);
    if (ids.get(entry, startMs, endMs) !== undefined) return unchanged;
    const count = counted(node, (row?.value ?? 0) + 1);
    ids.put(entry, startMs, endMs, { value: nothing, timestamp: record.timestamp });
    return count;
  };
}

function estimatedStep<K, V>(
  rows: Entries<K, Registers>,
  precision: number,
  idOf: (record: StreamRecord<K, V>) => Uint8Array,
): Step<K, V, number> {
  const hash = new Uint32Array(2);
  return (row, record, startMs, endMs) => {
    const { key, timestamp } = record;
    murmur3(idOf(record), hash);
    const before = rows.get(key, startMs, endMs)?.value ?? noRegisters;
    const after = addHash(before, precision, hash);
    if (after === before) return unchanged;
    rows.put(key, startMs, endMs, { value: after, timestamp });
    const count = estimate(after, precision);
    return count === row?.value ? unchanged : count;
  };
}
