import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** How values of a type are laid out in Kafka's protocol; written once for both directions. */
export interface Codec<T> {
  write(target: WireWriter, value: T): void;
  read(source: WireReader): T;
}

/** What a codec carries. */
export type Carried<C> = C extends Codec<infer T> ? T : never;

export const int8: Codec<number> = {
  write: (target, value) => target.int8(value),
  read: (source) => source.int8(),
};

export const int16: Codec<number> = {
  write: (target, value) => target.int16(value),
  read: (source) => source.int16(),
};

export const int32: Codec<number> = {
  write: (target, value) => target.int32(value),
  read: (source) => source.int32(),
};

/** Exact: a value beyond 2^53 - 1 is refused. */
export const int64: Codec<number> = {
  write: (target, value) => target.int64(value),
  read: (source) => source.int64(),
};

export const boolean: Codec<boolean> = {
  write: (target, value) => target.int8(value ? 1 : 0),
  read: (source) => source.int8() !== 0,
};

/** 16 bytes, as lower-case hexadecimal digits. */
export const uuid: Codec<string> = {
  write: (target, value) => target.raw(Buffer.from(value, 'hex')),
  read: (source) => source.raw(16).toString('hex'),
};

export const string: Codec<string> = {
  write: (target, value) => target.text(value, 'int16'),
  read: (source) => present(source.text('int16'), source),
};

export const nullableString: Codec<string | null> = {
  write: (target, value) => target.text(value, 'int16'),
  read: (source) => source.text('int16'),
};

export const compactString: Codec<string> = {
  write: (target, value) => target.text(value, 'compact'),
  read: (source) => present(source.text('compact'), source),
};

export const compactNullableString: Codec<string | null> = {
  write: (target, value) => target.text(value, 'compact'),
  read: (source) => source.text('compact'),
};

/** Read as a view of the answer. */
export const bytes: Codec<Uint8Array> = {
  write: (target, value) => target.bytes(value),
  read: (source) => present(source.bytes(), source),
};

export const nullableBytes: Codec<Uint8Array | null> = {
  write: (target, value) => target.bytes(value),
  read: (source) => source.bytes(),
};

/** Null counts as empty when read. */
export function array<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    write: (target, values) => {
      target.int32(values.length);
      for (const value of values) element.write(target, value);
    },
    read: (source) => readElements(source, source.int32(), element),
  };
}

/** Null counts as empty when read. */
export function compactArray<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    write: (target, values) => {
      target.unsignedVarint(values.length + 1);
      for (const value of values) element.write(target, value);
    },
    read: (source) => readElements(source, source.unsignedVarint() - 1, element),
  };
}

type Fields = Readonly<Record<string, Codec<never> | Codec<unknown>>>;
type Struct<F extends Fields> = { readonly [K in keyof F]: Carried<F[K]> };

type Entries<F extends Fields> = readonly (readonly [keyof F, Codec<unknown>])[];

/** Its fields in the order given. */
export function struct<F extends Fields>(fields: F): Codec<Struct<F>> {
  const entries = Object.entries(fields) as unknown as Entries<F>; // it holds just these fields
  return {
    write: (target, value) => {
      for (const [name, codec] of entries) codec.write(target, value[name]);
    },
    read: (source) => {
      const value: Partial<Record<keyof F, unknown>> = {};
      for (const [name, codec] of entries) value[name] = codec.read(source);
      return value as Struct<F>; // every field was read above
    },
  };
}

/** As `struct`, in the flexible versions of a message: tagged fields follow, none of ours. */
export function flexible<F extends Fields>(fields: F): Codec<Struct<F>> {
  const plain = struct(fields);
  return {
    write: (target, value) => {
      plain.write(target, value);
      target.unsignedVarint(0);
    },
    read: (source) => {
      const value = plain.read(source);
      source.skipTags();
      return value;
    },
  };
}

function readElements<T>(source: WireReader, count: number, element: Codec<T>): readonly T[] {
  const values: T[] = [];
  if (count > source.bytesLeft) throw source.malformed(`a list of ${count} elements does not fit`);
  for (let index = 0; index < count; index++) values.push(element.read(source));
  return values;
}

function present<T>(value: T | null, source: WireReader): T {
  if (value !== null) return value;
  throw source.malformed('a value that cannot be null is null');
}
