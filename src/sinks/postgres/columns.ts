import { badOption } from '../sink-options.ts';

/** What a row gives for each type of column. What is not said here is refused by the database. */
interface Values {
  readonly text: string;
  readonly boolean: boolean;
  readonly smallint: number;
  readonly integer: number;
  /** A number above 2^53 has lost digits before it comes here: give a bigint. */
  readonly bigint: number | bigint;
  readonly real: number;
  readonly 'double precision': number;
  /** As text every digit is kept. */
  readonly numeric: number | bigint | string;
  /** Epoch milliseconds. */
  readonly timestamptz: number;
  /** `2026-02-28` */
  readonly date: string;
  readonly uuid: string;
  readonly inet: string;
  /** What JSON can carry; null is SQL's NULL. */
  readonly jsonb: object | string | number | boolean;
  readonly 'text[]': readonly string[];
}

type Type = keyof Values;

/** A type of PostgreSQL by its own name; with `?` behind, the column may be null. */
export type PostgresType = Type | `${Type}?`;

export type PostgresColumns = Readonly<Record<string, PostgresType>>;

export type PostgresValue<T extends PostgresType> = T extends Type
  ? Values[T]
  : T extends `${infer Base extends Type}?`
    ? Values[Base] | null
    : never;

/** A row with a value for each column; fields beyond them are not written. */
export type PostgresRow<Columns extends PostgresColumns> = {
  readonly [Name in keyof Columns]: PostgresValue<Columns[Name]>;
};

/** The columns that can be part of a key: those that are never null. */
export type KeyColumn<Columns extends PostgresColumns> = {
  [Name in keyof Columns & string]: Columns[Name] extends Type ? Name : never;
}[keyof Columns & string];

interface TypeTraits {
  /** How the catalogue calls the types of a column that takes every value, and keeps it. */
  readonly fits: readonly string[];
  /** The type in which JSON carries it, if that is another. */
  readonly carried?: string;
}

/** Names as `format_type` writes them. */
const types: Readonly<Record<Type, TypeTraits>> = {
  text: { fits: ['text', 'character varying', 'character', 'citext'] },
  boolean: { fits: ['boolean'] },
  smallint: { fits: ['smallint', 'integer', 'bigint', 'numeric'] },
  integer: { fits: ['integer', 'bigint', 'numeric'] },
  bigint: { fits: ['bigint', 'numeric'] },
  real: { fits: ['real', 'double precision'] },
  'double precision': { fits: ['double precision'] },
  numeric: { fits: ['numeric'] },
  timestamptz: { fits: ['timestamp with time zone'], carried: 'double precision' },
  date: { fits: ['date'] },
  uuid: { fits: ['uuid'] },
  inet: { fits: ['inet'] },
  jsonb: { fits: ['jsonb'] },
  'text[]': { fits: ['text[]', 'character varying[]'] },
};

export interface Column extends TypeTraits {
  readonly name: string;
  readonly type: Type;
  readonly isNullable: boolean;
}

/** PostgreSQL cuts longer names off, so two of them could become one. */
export const maxNameBytes = 63;

/** @throws {ConfigError} `BAD_OPTION` */
export function columnsOf(sink: string, columns: PostgresColumns): readonly Column[] {
  const entries = Object.entries(columns);
  if (entries.length === 0) throw badOption(sink, "'columns' names none");
  return entries.map(([name, written]) => {
    const isNullable = written.endsWith('?');
    const type = isNullable ? written.slice(0, -1) : written;
    if (Object.hasOwn(types, type) && isIdentifier(name)) {
      const known = type as Type; // one of the table's
      return { name, type: known, isNullable, ...types[known] };
    }
    throw badOption(
      sink,
      `the column '${name}' is of type '${written}'; names have 1 to ${maxNameBytes} bytes, ` +
        `types are ${Object.keys(types).join(', ')}, each also with '?'`,
    );
  });
}

export function isIdentifier(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= maxNameBytes && !name.includes('\0');
}
