import type { StatePosition } from '../../core/task/state-port.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter, readInt64 } from '../byte-writer.ts';
import {
  envelopeBytes,
  envelopeDamage,
  payloadEnd,
  payloadStart,
  writeEnvelope,
} from '../envelope.ts';

/** Number 0 is no store's: the rows of the state itself. */
const metaPrefix = 0;
const letter = (text: string) => Buffer.of(metaPrefix, text.charCodeAt(0));

/** The keys of the state's own rows. */
export const metaKeys = {
  format: letter('f'),
  /** Application and task that the rows are of. */
  owner: letter('a'),
  openMark: letter('o'),
  position: letter('p'),
  numbering: letter('n'),
  /** Prefix; the number of a batch follows, 8 bytes big-endian. */
  marker: letter('m'),
  /** Before the first row of any store. */
  end: Buffer.of(metaPrefix + 1),
} as const;

export type StoreDigest = { readonly count: number; readonly sum: number };

/** What stands in the position row: the port's position and what this layer adds. */
export interface PositionRow {
  readonly position: StatePosition;
  /** Number of the batch that wrote it; each leaves a marker. */
  readonly sequence: number;
  /** Checksum of the numbering row it was written under. */
  readonly numbering: number;
  /** Per store number; null where digests are not kept. */
  readonly digests: ReadonlyMap<number, StoreDigest> | null;
}

export interface OpenMark {
  readonly isClean: boolean;
  /** Every batch since the mark was on disk before it was acknowledged. */
  readonly isSynced: boolean;
  readonly bootId: string;
}

const writer = new ByteWriter();

/** A row of the state itself, in the same envelope as all others. */
export function encodeMeta(key: Buffer, payload: Uint8Array): Buffer {
  writer.reset();
  writer.bytes(key);
  writeEnvelope(writer, 0, 0, { payload, version: 1 });
  return writer.copy(key.length, writer.length);
}

/** The payload, or null where the row is not what was written. */
export function decodeMeta(key: Buffer, envelope: Buffer): Buffer | null {
  if (envelope.length < envelopeBytes) return null;
  writer.reset();
  writer.bytes(key);
  if (envelopeDamage(writer, 0, envelope) !== null) return null;
  return envelope.subarray(payloadStart, payloadEnd(envelope));
}

export function markerKey(sequence: number): Buffer {
  const { marker } = metaKeys;
  const key = Buffer.allocUnsafe(marker.length + 8);
  marker.copy(key);
  key.writeBigInt64BE(BigInt(sequence), marker.length);
  return key;
}

/** The sequence number in a marker's key; NaN for any other key. */
export function markerSequence(key: Buffer): number {
  const { marker } = metaKeys;
  return key.length === marker.length + 8 ? readInt64(key, marker.length) : NaN;
}

export function encodeOpenMark({ isClean, isSynced, bootId }: OpenMark): Buffer {
  return Buffer.concat([Buffer.of((isClean ? 1 : 0) | (isSynced ? 2 : 0)), Buffer.from(bootId)]);
}

export function decodeOpenMark(payload: Buffer): OpenMark {
  const flags = payload[0] ?? 0;
  return {
    isClean: (flags & 1) !== 0,
    isSynced: (flags & 2) !== 0,
    bootId: payload.toString('utf8', 1),
  };
}

export function encodePosition({ position, sequence, numbering, digests }: PositionRow): Buffer {
  const out = new ByteWriter();
  out.int64(position.commitNumber);
  out.int64(position.committedAtMs);
  out.int64(sequence);
  out.int64(numbering);
  out.int64(position.changelogs.size);
  for (const [store, offset] of position.changelogs) {
    const name = Buffer.from(store);
    out.int64(name.length);
    out.bytes(name);
    out.int64(offset);
  }
  out.int64(digests === null ? -1 : digests.size);
  for (const [store, { count, sum }] of digests ?? []) {
    out.int64(store);
    out.int64(count);
    out.int64(sum);
  }
  return out.copy(0, out.length);
}

export function decodePosition(payload: Buffer): PositionRow {
  const reader = new ByteReader(payload);
  const commitNumber = reader.int64();
  const committedAtMs = reader.int64();
  const sequence = reader.int64();
  const numbering = reader.int64();
  const changelogs = new Map<string, number>();
  for (let left = reader.int64(); left > 0; left--) {
    const name = reader.bytes(reader.int64()).toString();
    changelogs.set(name, reader.int64());
  }
  const digestCount = reader.int64();
  const digests = digestCount < 0 ? null : new Map<number, StoreDigest>();
  for (let left = digestCount; left > 0; left--) {
    const store = reader.int64();
    const count = reader.int64();
    digests?.set(store, { count, sum: reader.int64() });
  }
  return { position: { commitNumber, changelogs, committedAtMs }, sequence, numbering, digests };
}
