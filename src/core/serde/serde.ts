/** The name and version of a byte layout; part of the manifest that guards state. */
export interface SerdeFormat {
  readonly format: string;
  readonly version: number;
  /** Older versions whose bytes `deserialize` takes too; raising the version then keeps state. */
  readonly readsVersions?: readonly number[];
}

/** A format as the manifest keeps it. */
export interface StoredFormat extends SerdeFormat {
  /** Whether rows of all older versions are upgraded when they are read. */
  readonly upgrades?: boolean;
}

/**
 * Bytes <-> value. `null` never reaches a serde: it is the absent payload.
 *
 * `deserialize` gets a view into a larger buffer: copy what is kept beyond the call. A serializer
 * may return text, which is written as UTF-8 straight into the batch. Both throw on what they
 * cannot take; the engine adds the place.
 */
export interface Serde<T> extends SerdeFormat {
  serialize(value: T): Uint8Array | string;
  deserialize(bytes: Uint8Array): T;
  /**
   * The value of a row of state that an older version of this format wrote: any that ever did. With
   * it the version may be raised while state exists; rows are upgraded when they are read.
   */
  upgrade?(bytes: Uint8Array, fromVersion: number): T;
  /**
   * Asked by a source before `deserialize`: null if the bytes can be decoded now. Otherwise the
   * partition waits for the promise, and decodes then, whatever became of it. It has to end.
   */
  prepare?(bytes: Uint8Array): Promise<unknown> | null;
  /** The same on `buffer[start, end)`, for hot paths: saves the view. */
  deserializeRange?(buffer: Buffer, start: number, end: number): T;
  /**
   * The key as a string such that two keys have one identity if and only if they have the same
   * bytes. Default: the serialized bytes as latin1. A string serde gives the string itself.
   */
  identity?(value: T): string;
  /** The inverse of `identity`, where the serde gives one. */
  ofIdentity?(identity: string): T;
  /**
   * The same serde without checks of the content, for bytes this library wrote: state and internal
   * topics. Sources use the serde itself.
   */
  trusted?(): Serde<T>;
  /** The part of an encoded key that the default partitioner hashes; default: all of it. */
  partitionBytes?(bytes: Uint8Array): Uint8Array;
}
