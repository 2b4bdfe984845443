import type { Resolver, Type } from 'avsc';
import { MillraceError, SerdeError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { ItemBudget } from './avro-types.ts';
import type { SchemaLookup } from './schema-lookup.ts';
import { headerBytes, schemaIdOf, writeHeader } from './wire-format.ts';

/** Items of arrays and maps that take no byte each, per record. */
const maxEmptyItems = 10_000;

interface AvroParts {
  readonly reader: Type;
  readonly budget: ItemBudget;
  readonly lookup: SchemaLookup<Resolver>;
  /** Under which values are written; null: they are not. */
  readonly id: number | null;
  readonly maxBytes: number;
}

/** Values of one schema, on the wire with the id of the schema that wrote them. */
export class AvroSerde<T> implements Serde<T> {
  readonly format: string;
  readonly version = 1;

  constructor(private readonly parts: AvroParts) {
    this.format = `avro:${parts.reader.fingerprint('md5').toString('hex')}`;
  }

  prepare(bytes: Uint8Array): Promise<void> | null {
    const id = schemaIdOf(bytes);
    return id === null ? null : this.parts.lookup.missing(id);
  }

  deserialize(bytes: Uint8Array): T {
    const id = schemaIdOf(bytes);
    if (id === null) {
      throw new SerdeError('DESERIALIZATION', 'the bytes do not begin with 0 and a schema id');
    }
    return this.read(bytes.subarray(headerBytes), this.parts.lookup.get(id));
  }

  serialize(value: T): Uint8Array {
    const { id } = this.parts;
    if (id === null) {
      throw new SerdeError('SERIALIZATION', 'the serde has no `subject` to write under');
    }
    const bytes = this.write(value, headerBytes);
    writeHeader(bytes, id);
    return bytes;
  }

  trusted(): Serde<T> {
    return Object.freeze({
      format: this.format,
      version: this.version,
      serialize: (value: T) => this.write(value, 0),
      deserialize: (bytes: Uint8Array) => this.read(bytes),
    });
  }

  private read(bytes: Uint8Array, resolver?: Resolver): T {
    const { reader, budget, maxBytes } = this.parts;
    if (bytes.length > maxBytes) {
      const message = `the record has ${bytes.length} bytes, above maxBytes (${maxBytes})`;
      throw new SerdeError('DESERIALIZATION', message);
    }
    budget.items = bytes.length + maxEmptyItems;
    try {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      return reader.fromBuffer(buffer, resolver) as T; // as the author's schema says
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const message = `the bytes are not what their schema says: ${messageOf(cause)}`;
      throw new SerdeError('DESERIALIZATION', message, { cause });
    }
  }

  /** Leaves `start` bytes free. */
  private write(value: T, start: number): Buffer {
    try {
      const payload = this.parts.reader.toBuffer(value);
      return start === 0 ? payload : Buffer.concat([Buffer.alloc(start), payload]);
    } catch (cause) {
      const message = `the value is not what the schema says: ${messageOf(cause)}`;
      throw new SerdeError('SERIALIZATION', message, { cause });
    }
  }
}
