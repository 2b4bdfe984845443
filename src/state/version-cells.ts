import { formatText } from '../core/model/format-text.ts';
import type { Serde } from '../core/serde/serde.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Version } from './store.ts';

/** Where a list of older versions lies: the first one's time, and about when its last one ended. */
export interface VersionList {
  readonly startMs: number;
  readonly endMs: number;
}

/** The latest version, whose time is the row's, and the lists of the older ones, oldest first. */
export interface LatestCell<V> {
  readonly value: V | null;
  readonly lists: readonly VersionList[];
}

/** Older versions, ascending. */
export interface OlderCell<V> {
  readonly versions: readonly Version<V>[];
}

export type VersionCell<V> = LatestCell<V> | OlderCell<V>;

const latestKind = 0;
const olderKind = 1;

/**
 * A list: `u8 1 · u32 count · (i64 time, value)*`. The latest version: `u8 0 · u32 count · (i64
 * start, i64 end)* · value`. A value stands behind its length, or is null.
 */
export function versionCellSerde<V>(inner: Serde<V>): Serde<VersionCell<V>> {
  const writer = new ByteWriter();
  const writeValue = (value: V | null): void => {
    writer.sizedOrNull(value === null ? null : inner.serialize(value));
  };
  return Object.freeze<Serde<VersionCell<V>>>({
    format: `versions(${formatText(inner)})`,
    version: 1,
    serialize(cell) {
      writer.reset();
      if ('versions' in cell) {
        writer.byte(olderKind);
        writer.uint32(cell.versions.length);
        for (const { value, timestamp } of cell.versions) {
          writer.int64(timestamp);
          writeValue(value);
        }
      } else {
        writer.byte(latestKind);
        writer.uint32(cell.lists.length);
        for (const { startMs, endMs } of cell.lists) {
          writer.int64(startMs);
          writer.int64(endMs);
        }
        writeValue(cell.value);
      }
      return writer.copy(0, writer.length);
    },
    deserialize(bytes) {
      const reader = new ByteReader(bytes);
      const readValue = (): V | null => {
        const value = reader.sizedOrNull();
        return value === null ? null : inner.deserialize(value);
      };
      const isLatest = reader.byte() === latestKind;
      const length = reader.uint32();
      if (isLatest) {
        const lists = Array.from({ length }, () => ({
          startMs: reader.int64(),
          endMs: reader.int64(),
        }));
        return { value: readValue(), lists };
      }
      const versions = Array.from({ length }, () => {
        const timestamp = reader.int64();
        return { value: readValue(), timestamp };
      });
      return { versions };
    },
  });
}
