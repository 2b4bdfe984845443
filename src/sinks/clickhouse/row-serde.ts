import { SerdeError } from '../../core/model/errors.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { ColumnType } from './column-type.ts';
import type { ClickhouseColumns, ClickhouseRow } from './column-types.ts';
import { valueReader } from './value-readers.ts';
import { valueWriter } from './value-writers.ts';

/** One line of JSONEachRow without its end: what a row is in the outbox and in each attempt. */
export function rowSerde<Columns extends ClickhouseColumns>(
  types: ReadonlyMap<string, ColumnType>,
): Serde<ClickhouseRow<Columns>> {
  const columns = [...types].map(([name, type], index) => ({
    name,
    head: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    write: valueWriter(name, type),
    read: valueReader(type),
  }));
  return {
    format: 'clickhouse-json-each-row',
    version: 1,
    serialize(row) {
      let line = '';
      for (const { name, head, write } of columns) line += head + write(row[name]);
      return `${line}}`;
    },
    deserialize(bytes) {
      const fields = parsed(bytes);
      // A column that came later is not in rows of before; ClickHouse puts its default there.
      const given = columns.filter(({ name }) => fields.has(name));
      const values = given.map(({ name, read }) => [name, read(fields.get(name))] as const);
      return Object.fromEntries(values) as ClickhouseRow<Columns>; // as they were written
    },
  };
}

function parsed(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  try {
    const line: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof line === 'object' && line !== null) return new Map(Object.entries(line));
  } catch {
    // The message of the original error quotes the payload.
  }
  throw new SerdeError('DESERIALIZATION', 'the bytes are no row of this sink');
}
