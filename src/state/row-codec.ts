import { MillraceError, SerdeError, StoreError } from '../core/model/errors.ts';
import { messageOf } from '../core/model/message-of.ts';
import type { Row } from '../core/model/record.ts';
import { identityOf, keyOfIdentity } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { CommittedRows } from './committed-rows.ts';
import {
  checkFormat,
  envelopeDamage,
  envelopeTimestamp,
  payloadEnd,
  payloadStart,
  payloadVersion,
  writeEnvelope,
} from './envelope.ts';
import type { KeyLayout, RowKey } from './key-codec.ts';

export interface RowFormat<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly layout: KeyLayout<K>;
  /** Reads what older versions of the value's format wrote. */
  readonly upgrade?: ((bytes: Uint8Array, fromVersion: number) => V) | undefined;
}

/** Rows of one store <-> bytes, in the scratch buffer of the task. */
export class RowCodec<K, V> {
  constructor(
    private readonly format: RowFormat<K, V>,
    private readonly rows: CommittedRows,
    private readonly writer: ByteWriter,
    private readonly distrust: (reason: string) => void,
  ) {}

  identity(key: K): string {
    return identityOf(this.format.key, key);
  }

  /** The key as it comes back from its bytes, so that nobody sees where a row lies. */
  keyOf(key: K, identity: string): K {
    return this.format.key.ofIdentity === undefined && typeof key !== 'object'
      ? key
      : keyOfIdentity(this.format.key, identity);
  }

  /** Begins a row in the scratch buffer; answers where its key starts, behind the prefix. */
  beginRow({ key, startMs, endMs }: RowKey<K>): number {
    const { writer, rows } = this;
    writer.reset();
    writer.bytes(rows.prefix);
    const keyStart = writer.length;
    try {
      this.format.layout.write(writer, key, startMs, endMs);
    } catch (cause) {
      throw this.serializationError('key', cause);
    }
    return keyStart;
  }

  writeValue(keyStart: number, row: Row<V>): void {
    try {
      const { value } = this.format;
      const payload = { payload: value.serialize(row.value), version: value.version };
      writeEnvelope(this.writer, keyStart, row.timestamp, payload);
    } catch (cause) {
      throw this.serializationError('value', cause);
    }
  }

  /** Key, without prefix, and envelope of a row that did not come through the overlay. */
  change(key: RowKey<K>, row: Row<V> | null): readonly [Buffer, Buffer | null] {
    const keyStart = this.beginRow(key);
    const { writer } = this;
    const keyEnd = writer.length;
    if (row !== null) this.writeValue(keyStart, row);
    const bytes = Buffer.from(writer.view(keyStart, writer.length));
    const keyLength = keyEnd - keyStart;
    return [bytes.subarray(0, keyLength), row === null ? null : bytes.subarray(keyLength)];
  }

  /** The key's bytes, without prefix, as latin1. */
  encodedKey(key: RowKey<K>): string {
    const keyStart = this.beginRow(key);
    return this.writer.buffer.toString('latin1', keyStart, this.writer.length);
  }

  /** Reads the committed row: null if there is none. */
  read(key: RowKey<K>): Row<V> | null {
    const keyStart = this.beginRow(key);
    const envelope = this.rows.get(this.writer.view(0, this.writer.length));
    return envelope === undefined ? null : this.decode(keyStart, envelope);
  }

  /** The committed envelope under a changelog key: null if there is none. */
  readEnvelope(key: Uint8Array): Buffer | null {
    const { writer, rows } = this;
    writer.reset();
    writer.bytes(rows.prefix);
    const keyStart = writer.length;
    writer.bytes(key);
    const envelope = rows.get(writer.view(0, writer.length));
    if (envelope === undefined) return null;
    this.check(keyStart, envelope);
    return envelope;
  }

  decodeEntry(key: Buffer, envelope: Buffer): readonly [RowKey<K>, Row<V>] {
    this.writer.reset();
    this.writer.bytes(key);
    const row = this.decode(0, envelope);
    return [this.decodeKey(key), row];
  }

  decodeKey(key: Buffer): RowKey<K> {
    try {
      return this.format.layout.read(key);
    } catch (cause) {
      throw this.deserializationError('key', cause);
    }
  }

  private decode(keyStart: number, envelope: Buffer): Row<V> {
    this.check(keyStart, envelope);
    try {
      return { value: this.readValue(envelope), timestamp: envelopeTimestamp(envelope) };
    } catch (cause) {
      throw this.deserializationError('value', cause);
    }
  }

  private readValue(envelope: Buffer): V {
    const { value, upgrade } = this.format;
    const end = payloadEnd(envelope);
    if (upgrade !== undefined) {
      const version = payloadVersion(envelope);
      if (version < value.version) return upgrade(envelope.subarray(payloadStart, end), version);
    }
    return value.deserializeRange === undefined
      ? value.deserialize(envelope.subarray(payloadStart, end))
      : value.deserializeRange(envelope, payloadStart, end);
  }

  private check(keyStart: number, envelope: Buffer): void {
    const { store } = this.rows;
    const damage = envelopeDamage(this.writer, keyStart, envelope);
    if (damage === null) return checkFormat(envelope, store);
    const reason = `a row of store '${store}' ${damage}`;
    this.distrust(reason);
    throw new StoreError(
      'STORE_DAMAGED',
      `Local state is damaged: ${reason}. It is rebuilt from its changelog.`,
      { where: { store } },
    );
  }

  private serializationError(what: string, cause: unknown): SerdeError {
    const { store } = this.rows;
    const code = cause instanceof MillraceError ? cause.code : 'SERIALIZATION';
    return new SerdeError(
      code,
      `Cannot serialize a ${what} of store '${store}': ${messageOf(cause)}. ` +
        `Write a ${what} that the serde takes.`,
      { where: { store }, cause },
    );
  }

  private deserializationError(what: string, cause: unknown): SerdeError {
    const { store } = this.rows;
    return new SerdeError(
      'DESERIALIZATION',
      `Cannot deserialize a ${what} of store '${store}': ${messageOf(cause)}. ` +
        'Its bytes are as written: was the serde changed under the same format and version?',
      { where: { store }, cause },
    );
  }
}
