import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import { readFrames, writeFrames } from './frames.ts';
import { keyBytes, trusted } from './key-identity.ts';
import { asBuffer, kindOf } from './range-serde.ts';
import type { Serde } from './serde.ts';

/** What `topN` orders by; numbers are finite. Numbers and bigints compare with each other. */
export type Score = number | bigint;

/** A value and its score. */
export interface Ranked<V, S extends Score = Score> {
  readonly value: V;
  readonly score: S;
}

/** A row of a table and its score. */
export interface RankedRow<K, V, S extends Score = Score> extends Ranked<V, S> {
  readonly key: K;
}

/**
 * The lists of `topN` on a stream: score and value of each entry, as parts behind their lengths. A
 * score is a double behind a byte 0, or the decimal text of a bigint behind a byte 1.
 *
 * @throws {SerdeError} `DESERIALIZATION` for bytes that are no such list; `SERIALIZATION` for a
 * score that is no finite number or bigint; and what the inner serde throws.
 */
export function ranking<V, S extends Score = Score>(
  value: Serde<V>,
): Serde<readonly Ranked<V, S>[]> {
  return listSerde<Ranked<V, S>>({
    format: `ranking(${formatText(value)})`,
    partsEach: 2,
    write: (entry) => [scoreBytes(entry.score), keyBytes(value, entry.value)],
    read: ([score, own]) => ({ value: value.deserialize(own), score: scoreOf(score) as S }), // as written
    ...(value.trusted === undefined ? {} : { trusted: () => ranking<V, S>(trusted(value)) }),
  });
}

/** The lists of `topN` on a table: key, score and value of each entry; else as `ranking`. */
export function tableRanking<K, V, S extends Score = Score>(
  key: Serde<K>,
  value: Serde<V>,
): Serde<readonly RankedRow<K, V, S>[]> {
  return listSerde<RankedRow<K, V, S>>({
    format: `table-ranking(${formatText(key)},${formatText(value)})`,
    partsEach: 3,
    write: (entry) => [
      scoreBytes(entry.score),
      keyBytes(value, entry.value),
      keyBytes(key, entry.key),
    ],
    read: ([score, own, row = nothing]) => ({
      key: key.deserialize(row),
      value: value.deserialize(own),
      score: scoreOf(score) as S, // as written
    }),
    ...(key.trusted === undefined && value.trusted === undefined
      ? {}
      : { trusted: () => tableRanking<K, V, S>(trusted(key), trusted(value)) }),
  });
}

/** One entry of a `ranking`. */
export function rankedValue<V, S extends Score = Score>(value: Serde<V>): Serde<Ranked<V, S>> {
  const list = ranking<V, S>(value);
  return Object.freeze<Serde<Ranked<V, S>>>({
    format: `ranked(${formatText(value)})`,
    version: 1,
    serialize: (entry) => list.serialize([entry]),
    deserialize(bytes) {
      const [entry] = list.deserialize(bytes);
      if (entry !== undefined) return entry;
      throw new SerdeError('DESERIALIZATION', 'the bytes are no value with its score');
    },
    ...(value.trusted === undefined ? {} : { trusted: () => rankedValue<V, S>(trusted(value)) }),
  });
}

const nothing = Buffer.alloc(0);

interface ListFormat<T> {
  readonly format: string;
  readonly partsEach: number;
  readonly write: (entry: T) => readonly Uint8Array[];
  readonly read: (parts: readonly [Buffer, Buffer, Buffer?]) => T;
  readonly trusted?: () => Serde<readonly T[]>;
}

function listSerde<T>({
  format,
  partsEach,
  write,
  read,
  ...rest
}: ListFormat<T>): Serde<readonly T[]> {
  return Object.freeze<Serde<readonly T[]>>({
    format,
    version: 1,
    serialize: (list) => writeFrames(list.flatMap(write)),
    deserialize(bytes) {
      const parts = readFrames(bytes);
      if (parts.length % partsEach !== 0) {
        throw new SerdeError('DESERIALIZATION', `the bytes are no list of ${format}`);
      }
      const list: T[] = [];
      for (let at = 0; at < parts.length; at += partsEach) {
        list.push(read(parts.slice(at, at + partsEach) as [Buffer, Buffer, Buffer?])); // as many
      }
      return list;
    },
    ...rest,
  });
}

const isDouble = 0;
const isBigint = 1;

/** @throws {SerdeError} `SERIALIZATION`. */
export function scoreBytes(score: Score): Uint8Array {
  if (typeof score === 'bigint') return Buffer.from(`\u0001${score}`, 'latin1');
  if (!Number.isFinite(score)) {
    const got = typeof score === 'number' ? String(score) : kindOf(score);
    throw new SerdeError('SERIALIZATION', `expected a finite score, got ${got}`);
  }
  const target = Buffer.allocUnsafe(9);
  target[0] = isDouble;
  target.writeDoubleBE(score, 1);
  return target;
}

/** @throws {SerdeError} `DESERIALIZATION`. */
export function scoreOf(bytes: Uint8Array): Score {
  const source = asBuffer(bytes);
  if (source[0] === isDouble && source.length === 9) {
    const score = source.readDoubleBE(1);
    if (Number.isFinite(score)) return score;
  } else if (source[0] === isBigint) {
    const text = source.toString('latin1', 1);
    if (/^-?\d+$/.test(text)) return BigInt(text);
  }
  throw new SerdeError('DESERIALIZATION', 'the bytes are no score');
}
