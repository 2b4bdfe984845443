/** A ClickHouse type, read from its text. */
export type ColumnType =
  | { readonly kind: 'nullable' | 'array' | 'map'; readonly of: ColumnType }
  | { readonly kind: 'text'; readonly name: 'String' | 'UUID' | 'IPv4' | 'IPv6' }
  | { readonly kind: 'fixed-text'; readonly maxBytes: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'integer'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date'; readonly first: string; readonly last: string }
  | { readonly kind: 'time'; readonly scale: number; readonly isWide: boolean }
  | { readonly kind: 'enum'; readonly names: readonly string[] };

const maxDepth = 16;

/**
 * Null for a type that this sink cannot write. `LowCardinality` and time zones are left out: what
 * is sent is the same with and without.
 */
export function parseColumnType(text: string, depth = 0): ColumnType | null {
  const [, name = '', args] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/s.exec(text) ?? [];
  if (args === undefined) return plainTypes.get(name) ?? null;
  if (depth > maxDepth) return null;
  const inner = () => parseColumnType(args, depth + 1);
  switch (name) {
    case 'LowCardinality':
      return inner();
    case 'Nullable':
      return wrap('nullable', inner());
    case 'Array':
      return wrap('array', inner());
    case 'Map': {
      const value = /^\s*(?:String|LowCardinality\(String\))\s*,(.*)$/s.exec(args)?.[1];
      return value === undefined ? null : wrap('map', parseColumnType(value, depth + 1));
    }
    case 'Enum8':
    case 'Enum16':
      return { kind: 'enum', names: enumNames(args) };
    case 'DateTime':
      return { kind: 'time', scale: 0, isWide: false };
    default:
      return parseNumbered(name, args);
  }
}

const plainTypes: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...(['String', 'UUID', 'IPv4', 'IPv6'] as const).map(
    (name) => [name, { kind: 'text', name }] as const,
  ),
  ...[8, 16, 32, 64, 128, 256].flatMap((bits) => {
    const half = 2n ** BigInt(bits - 1);
    return [
      [`Int${bits}`, { kind: 'integer', min: -half, max: half - 1n }],
      [`UInt${bits}`, { kind: 'integer', min: 0n, max: half * 2n - 1n }],
    ] as const;
  }),
  ['Bool', { kind: 'bool' }],
  ['Float32', { kind: 'float', bits: 32 }],
  ['Float64', { kind: 'float', bits: 64 }],
  ['DateTime', { kind: 'time', scale: 0, isWide: false }],
  ['Date', { kind: 'date', first: '1970-01-01', last: '2149-06-06' }],
  ['Date32', { kind: 'date', first: '1900-01-01', last: '2299-12-31' }],
]);

function parseNumbered(name: string, args: string): ColumnType | null {
  const [first = Number.NaN, second = 0] = args.split(',').map(Number);
  if (!Number.isInteger(first)) return null;
  if (name === 'FixedString') return { kind: 'fixed-text', maxBytes: first };
  if (name === 'DateTime64') return { kind: 'time', scale: first, isWide: true };
  if (name === 'Decimal') return { kind: 'decimal', precision: first, scale: second };
  return null;
}

function wrap(kind: 'nullable' | 'array' | 'map', of: ColumnType | null): ColumnType | null {
  return of === null ? null : { kind, of };
}

function enumNames(elements: string): readonly string[] {
  return [...elements.matchAll(/'((?:[^'\\]|\\.)*)'/gs)].map(([, name = '']) =>
    name.replace(/\\(.)/gs, '$1'),
  );
}

/**
 * Whether each value of a row's type has its place in a column of the table's: the types are equal,
 * but the table may take null, or more names of an Enum, than the rows have.
 */
export function fits(row: ColumnType, table: ColumnType): boolean {
  if (table.kind === 'nullable') return fits(row.kind === 'nullable' ? row.of : row, table.of);
  if (row.kind === 'array' || row.kind === 'map') {
    return row.kind === table.kind && fits(row.of, table.of);
  }
  if (row.kind === 'enum') {
    return table.kind === 'enum' && row.names.every((name) => table.names.includes(name));
  }
  return row.kind !== 'nullable' && sameScalar(row, table);
}

function sameScalar(row: ColumnType, table: ColumnType): boolean {
  const entries = Object.entries(table);
  return entries.every(([key, value]) =>
    Object.entries(row).some(([k, v]) => k === key && v === value),
  );
}
