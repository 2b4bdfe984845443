import { formatText } from '../../core/model/format-text.ts';
import { type Headers, headersOf, noHeaders } from '../../core/model/headers.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { trusted } from '../../core/serde/key-identity.ts';
import { rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { ByteReader } from '../../state/byte-reader.ts';
import { ByteWriter } from '../../state/byte-writer.ts';
import { ownBytes } from '../../state/own-bytes.ts';

/** A record that waits or may still meet others, without its key. */
export interface StoredRecord<V> {
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers: Headers;
  /** Joins: whether it has met a record of the other side. */
  readonly isMatched: boolean;
}

/** Some records of one key, in order of arrival. */
export interface RecordPage<V> {
  /** How many pages there are; told by the first of them, else 0. */
  readonly pages: number;
  readonly records: readonly StoredRecord<V>[];
}

const hasValue = 1;
const isMatchedFlag = 2;
const hasHeaders = 4;

/** What has to be kept of a record: bytes are copied, or they would keep their whole batch. */
export function storedRecord<V>(
  { value, timestamp, headers }: StreamRecord<unknown, V | null>,
  isMatched = false,
): StoredRecord<V> {
  return { value: ownBytes(value), timestamp, headers: ownHeaders(headers), isMatched };
}

/**
 * `varint pages · varint count`, then for each record `u8 flags · i64 timestamp`, its headers and
 * its value, each with its length in front.
 */
export function recordPageSerde<V>(inner: Serde<V>): Serde<RecordPage<V>> {
  const values = trusted(inner);
  const writer = new ByteWriter();
  return rangeSerde<RecordPage<V>>({
    format: `records(${formatText(inner)})`,
    version: 1,
    serialize({ pages, records }) {
      writer.reset();
      writer.varint(pages);
      writer.varint(records.length);
      for (const record of records) writeRecord(writer, values, record);
      return writer.copy(0, writer.length);
    },
    deserializeRange(buffer, start, end) {
      const reader = new ByteReader(buffer.subarray(start, end));
      const pages = reader.varint();
      const count = reader.varint();
      const records: StoredRecord<V>[] = [];
      for (let index = 0; index < count; index++) records.push(readRecord(reader, values));
      return { pages, records };
    },
  });
}

/** One record by itself, in the layout of those of a page. */
export function storedRecordSerde<V>(inner: Serde<V>): Serde<StoredRecord<V>> {
  const values = trusted(inner);
  const writer = new ByteWriter();
  return Object.freeze<Serde<StoredRecord<V>>>({
    format: `record(${formatText(inner)})`,
    version: 1,
    serialize(record) {
      writer.reset();
      writeRecord(writer, values, record);
      return writer.copy(0, writer.length);
    },
    deserialize: (bytes) => readRecord(new ByteReader(bytes), values),
  });
}

function writeRecord<V>(
  writer: ByteWriter,
  values: Serde<V>,
  { value, timestamp, headers, isMatched }: StoredRecord<V>,
): void {
  const flags =
    (value === null ? 0 : hasValue) |
    (isMatched ? isMatchedFlag : 0) |
    (headers.size === 0 ? 0 : hasHeaders);
  writer.byte(flags);
  writer.int64(timestamp);
  if (headers.size > 0) {
    writer.varint(headers.size);
    for (const [name, bytes] of headers.entries()) {
      writer.sized(name);
      writer.sized(bytes);
    }
  }
  if (value !== null) writer.sized(values.serialize(value));
}

function readRecord<V>(reader: ByteReader, values: Serde<V>): StoredRecord<V> {
  const flags = reader.byte();
  const timestamp = reader.int64();
  const headers = (flags & hasHeaders) === 0 ? noHeaders : readHeaders(reader);
  const value = (flags & hasValue) === 0 ? null : values.deserialize(reader.sized());
  return { value, timestamp, headers, isMatched: (flags & isMatchedFlag) !== 0 };
}

function readHeaders(reader: ByteReader): Headers {
  const entries: [string, Uint8Array][] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.sized().toString('utf8');
    entries.push([name, Buffer.from(reader.sized())]);
  }
  return headersOf(entries);
}

function ownHeaders(headers: Headers): Headers {
  if (headers.size === 0) return noHeaders;
  return headersOf(headers.entries().map(([name, bytes]) => [name, Buffer.from(bytes)]));
}
