import type { Serde } from '../../core/serde/serde.ts';

/** Whether the serdes of a stream or table are known; decides what compiles. */
export interface KnownSerdes {
  readonly key: boolean;
  readonly value: boolean;
}

/** Key and value can be written, grouped and kept. */
export interface SerdesKnown extends KnownSerdes {
  readonly key: true;
  readonly value: true;
}

/** After a mapper without `{ value }`: pass the serde there, or to what needs it. */
export interface ValueSerdeUnknown extends KnownSerdes {
  readonly key: true;
  readonly value: false;
}

/** After a change of key without `{ key }`: pass the serde there, or to what needs it. */
export interface KeySerdeUnknown extends KnownSerdes {
  readonly key: false;
  readonly value: true;
}

/** After `map` or the like without serdes. */
export interface SerdesUnknown extends KnownSerdes {
  readonly key: false;
  readonly value: false;
}

/** The name of what is known, so that an editor shows a word and not a structure. */
export type Known<Key extends boolean, Value extends boolean> = Key extends true
  ? Value extends true
    ? SerdesKnown
    : ValueSerdeUnknown
  : Value extends true
    ? KeySerdeUnknown
    : SerdesUnknown;

/** A value serde, where a method can be given one. */
export interface ValueSerdeOption<V> {
  readonly value?: Serde<NonNullable<V>>;
}

/** A key serde, where a method can be given one. */
export interface KeySerdeOption<K> {
  readonly key?: Serde<NonNullable<K>>;
}

/** Serdes of what leaves a method. `null` needs none: it is the absent payload. */
export interface SerdeOptions<K, V> extends KeySerdeOption<K>, ValueSerdeOption<V> {}

/**
 * What a type of options that is inferred must extend. The compiler looks for no excess there, and
 * a name that is not of `Allowed` would be ignored without a word; only serdes may be too many.
 */
export type Only<Allowed, Options> = Allowed & {
  readonly [
    Name in Exclude<keyof Options, keyof Allowed | keyof SerdeOptions<never, never>>
  ]: never;
};

type Has<Options, Name extends 'key' | 'value'> =
  Options extends Readonly<Record<Name, Serde<unknown>>> ? true : false;

/** What is known behind a method that changes key and value. */
export type KnownFrom<Options> = Known<Has<Options, 'key'>, Has<Options, 'value'>>;

/** What is known behind a method that changes the value only. */
export type KnownValueFrom<Before extends KnownSerdes, Options> = Known<
  Before['key'],
  Has<Options, 'value'>
>;

/** The same where the key's serde can be given too. */
export type KnownValueAndKeyFrom<Before extends KnownSerdes, Options> = Known<
  Before['key'] extends true ? true : Has<Options, 'key'>,
  Has<Options, 'value'>
>;

/** What is known behind a method that changes the key only. */
export type KnownKeyFrom<Before extends KnownSerdes, Options> = Known<
  Has<Options, 'key'>,
  Before['value']
>;

/** What two merged streams both know. */
export type KnownByBoth<A extends KnownSerdes, B extends KnownSerdes> = Known<
  A['key'] extends true ? B['key'] : false,
  A['value'] extends true ? B['value'] : false
>;

/** A serde that is not known has to be given. */
export interface KeySerdeRequired<K> {
  readonly key: Serde<NonNullable<K>>;
}

/** A serde that is not known has to be given. */
export interface ValueSerdeRequired<V> {
  readonly value: Serde<NonNullable<V>>;
}

/** `Options`, with the serdes that are not known required. */
export type Needing<K, V, Of extends KnownSerdes, Options> = Options &
  (Of['key'] extends true ? KeySerdeOption<K> : KeySerdeRequired<K>) &
  (Of['value'] extends true ? ValueSerdeOption<V> : ValueSerdeRequired<V>);

/** The last argument of a method: left out only where nothing in it is required. */
export type OptionsArgument<K, V, Of extends KnownSerdes, Options> = [Of] extends [SerdesKnown]
  ? [options?: Needing<K, V, Of, Options>]
  : [options: Needing<K, V, Of, Options>];

/** What a callback may return: a value or `null`, so that a forgotten `return` does not compile. */
export type Defined = NonNullable<unknown> | null;
