import { rangeSerde } from '../../core/serde/range-serde.ts';
import { readUtf8 } from '../../core/serde/utf8.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { Column } from './columns.ts';

/**
 * A row as one JSON object with the fields of the columns, in their order: PostgreSQL reads it as
 * it is. Fields have names, so rows that wait in an outbox outlive a change of the columns.
 */
export function rowSerde<Row extends object>(columns: readonly Column[]): Serde<Row> {
  const heads = columns.map(
    ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  const names = columns.map(({ name }) => name);
  return rangeSerde<Row>({
    format: 'postgres-json',
    version: 1,
    serialize(row) {
      let text = '';
      for (let index = 0; index < names.length; index++) {
        const name = names[index] ?? ''; // within the array
        text += (heads[index] ?? '') + valueText(Reflect.get(row, name));
      }
      return `${text}}`;
    },
    deserializeRange: (buffer, start, end) => JSON.parse(readUtf8(buffer, start, end)) as Row, // this serde wrote it
  });
}

/** What cannot be in its column is written too: the database refuses that row, and only that. */
function valueText(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : `"${value}"`;
  if (typeof value === 'bigint') return `${value}`;
  // Undefined for what JSON does not know, as functions.
  return JSON.stringify(value) ?? 'null';
}
