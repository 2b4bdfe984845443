type Text = 'String' | 'UUID' | 'IPv4' | 'IPv6' | 'Date' | 'Date32';
type SmallInteger = 'Int8' | 'Int16' | 'Int32' | 'UInt8' | 'UInt16' | 'UInt32';
type WideBits = 64 | 128 | 256;
type WideInteger = `Int${WideBits}` | `UInt${WideBits}`;
type Time = 'DateTime' | `DateTime(${string})` | `DateTime64(${string})`;

/** The names of an Enum: `'a' = 1, 'b' = 2` gives `'a' | 'b'`. */
type EnumNames<Elements extends string> = Elements extends `${string}'${infer Name}'${infer Rest}`
  ? Name | EnumNames<Rest>
  : never;

type ScalarValue<Type extends string> = Type extends Text | `FixedString(${number})`
  ? string
  : Type extends 'Bool'
    ? boolean
    : Type extends SmallInteger | 'Float32' | 'Float64' | Time
      ? number
      : Type extends WideInteger
        ? number | bigint
        : Type extends `Decimal(${number},${string}`
          ? string | number
          : Type extends `Enum${8 | 16}(${infer Elements})`
            ? EnumNames<Elements>
            : never;

/**
 * What a row has for a column of a ClickHouse type: times as epoch milliseconds, dates as
 * `'2024-01-31'`, integers of 64 bits and more as numbers or bigints, decimals as text or numbers.
 * `never` for a type that cannot be written.
 */
export type ColumnValue<Type extends string> = Type extends `Nullable(${infer Inner})`
  ? OrNever<ColumnValue<Inner>, ColumnValue<Inner> | null>
  : Type extends `LowCardinality(${infer Inner})`
    ? ColumnValue<Inner>
    : Type extends `Array(${infer Inner})`
      ? OrNever<ColumnValue<Inner>, readonly ColumnValue<Inner>[]>
      : Type extends `Map(String, ${infer Inner})`
        ? OrNever<ColumnValue<Inner>, Readonly<Record<string, ColumnValue<Inner>>>>
        : ScalarValue<Type>;

/** What is made of a type that cannot be written cannot be written either. */
type OrNever<Inner, Value> = [Inner] extends [never] ? never : Value;

/** The columns that are written, each with its ClickHouse type. */
export type ClickhouseColumns = Readonly<Record<string, string>>;

/** A row of these columns: all of them are given. */
export type ClickhouseRow<Columns extends ClickhouseColumns> = {
  readonly [Name in keyof Columns]: ColumnValue<Columns[Name]>;
};

/** The same columns; one whose type cannot be written does not compile. */
export type WritableColumns<Columns extends ClickhouseColumns> = {
  readonly [Name in keyof Columns]: [ColumnValue<Columns[Name]>] extends [never]
    ? CannotBeWritten
    : Columns[Name];
};

/** No literal: with the type's own it would make all columns `never`, and the error say nothing. */
interface CannotBeWritten {
  readonly 'this type cannot be written: see ClickhouseOptions.columns': never;
}
