import { SerdeError } from '../../core/model/errors.ts';
import { formatText } from '../../core/model/format-text.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { asBuffer, rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { encodedBytes } from './encoded-bytes.ts';
import { type DistinctSpec, hasNoId, idBytes } from './distinct-ids.ts';
import { addHash, estimate, mergeRegisters, noRegisters, type Registers } from './hyper-log-log.ts';
import { murmur3 } from './murmur3.ts';

/**
 * The parts of an aggregation that counts ids in rows which are merged: the row is the set of its
 * ids, or its registers, and what it is mapped to is the count.
 */
export interface DistinctSets<K, V, Ids = object> {
  /** Whether a record counts as one without a value. */
  readonly isNull: (record: StreamRecord<K, V>) => boolean;
  readonly initializer: () => Ids;
  /** Returns the very same ids if the record's is among them. */
  readonly aggregator: (ids: Ids, value: V, key: K) => Ids;
  readonly merger: (earlier: Ids, later: Ids) => Ids;
  readonly value: Serde<Ids>;
  readonly countOf: (ids: Ids) => number;
}

type SetSpec<K, V, Id> = Omit<DistinctSpec<K, V, Id>, 'key'>;

export function distinctSets<K, V, Id>(spec: SetSpec<K, V, Id>): DistinctSets<K, V> {
  const { precision } = spec;
  const sets = precision === undefined ? exactSets(spec) : estimatedSets(spec, precision);
  return sets as unknown as DistinctSets<K, V>; // nobody else looks into the ids
}

/** Encoded ids as latin1, ascending. */
type IdList = readonly string[];

function exactSets<K, V, Id>(spec: SetSpec<K, V, Id>): DistinctSets<K, V, IdList> {
  const idOf = idBytes(spec);
  return {
    isNull: hasNoId(spec.by),
    initializer: () => [],
    aggregator(ids, value, key) {
      const id = asBuffer(idOf(value, key)).toString('latin1');
      const at = lowerBound(ids, id);
      return ids[at] === id ? ids : ids.toSpliced(at, 0, id);
    },
    merger: (earlier, later) => [...new Set([...earlier, ...later])].sort(),
    value: idListSerde(`distinct-set(${formatText(spec.id)})`),
    countOf: (ids) => ids.length,
  };
}

function estimatedSets<K, V, Id>(
  spec: SetSpec<K, V, Id>,
  precision: number,
): DistinctSets<K, V, Registers> {
  const idOf = idBytes(spec);
  return {
    isNull: hasNoId(spec.by),
    initializer: () => noRegisters,
    aggregator(registers, value, key) {
      const hash = new Uint32Array(2);
      murmur3(idOf(value, key), hash);
      return addHash(registers, precision, hash);
    },
    merger: (earlier, later) => mergeRegisters(earlier, later, precision),
    value: encodedBytes({ format: `hyper-log-log(${formatText(spec.id)}, ${precision})` }),
    countOf: (registers) => estimate(registers, precision),
  };
}

/** The ids as frames, without a view of each: windows are copied by way of these bytes. */
function idListSerde(format: string): Serde<IdList> {
  return rangeSerde<IdList>({
    format,
    version: 1,
    serialize(ids) {
      const target = Buffer.allocUnsafe(ids.reduce((sum, { length }) => sum + 4 + length, 0));
      let at = 0;
      for (const id of ids) {
        at = target.writeUInt32BE(id.length, at);
        at += target.write(id, at, 'latin1');
      }
      return target;
    },
    deserializeRange(buffer, start, end) {
      const ids: string[] = [];
      for (let at = start; at < end;) {
        const next = at + 4 <= end ? at + 4 + buffer.readUInt32BE(at) : Infinity;
        if (next > end) throw new SerdeError('DESERIALIZATION', 'a set of ids is cut short');
        ids.push(buffer.toString('latin1', at + 4, next));
        at = next;
      }
      return ids;
    },
  });
}

function lowerBound(ids: IdList, id: string): number {
  let first = 0;
  let end = ids.length;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((ids[middle] ?? id) < id) first = middle + 1;
    else end = middle;
  }
  return first;
}
