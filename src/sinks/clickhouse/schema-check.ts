import { SinkError } from '../../core/model/errors.ts';
import { type ColumnType, fits, parseColumnType } from './column-type.ts';
import type { ClickhouseColumns } from './column-types.ts';
import { quotedTable, type TableName } from './identifiers.ts';
import type { TableColumn } from './read-table.ts';

/** What the sink writes. */
export interface WrittenColumns {
  readonly sink: string;
  readonly columns: ClickhouseColumns;
  readonly types: ReadonlyMap<string, ColumnType>;
}

/** Functions whose result differs from one attempt to the next. */
const changing =
  /\b(?:now|now64|nowInBlock|today|yesterday|utc_?timestamp|current\w+|rand\w*|canonicalRand|generate\w+|hostname|serverUUID|rowNumberIn\w+|blockNumber|query_?id|initialQueryID)\s*\(/i;

/**
 * Compares the columns of the sink with those of the table, all of them at once.
 *
 * @throws {SinkError} `SINK_SCHEMA`
 */
export function checkSchema(
  written: WrittenColumns,
  table: TableName,
  columns: readonly TableColumn[],
): void {
  const there = new Map(columns.map((column) => [column.name, column]));
  const problems = [...written.types].flatMap(([name, type]) => {
    const problem = problemOf(type, there.get(name));
    return problem === null ? [] : [`'${name}' (${written.columns[name]}) ${problem}`];
  });
  for (const { name, default_expression: text, is_in_partition_key: isKey } of columns) {
    if (isKey === 0 || written.types.has(name) || !changing.test(text)) continue;
    // A token counts per partition: the second attempt would find another one.
    problems.push(`'${name}' decides the partition of a row, and is ${text} where it is not given`);
  }
  if (problems.length === 0) return;
  throw new SinkError(
    'fatal',
    'SINK_SCHEMA',
    `The columns of sink '${written.sink}' are not those of ${quotedTable(table)}: ` +
      `${problems.join('; ')}.`,
  );
}

function problemOf(type: ColumnType, column: TableColumn | undefined): string | null {
  if (column === undefined) return 'is not in the table';
  const kind = column.default_kind;
  if (kind === 'MATERIALIZED' || kind === 'ALIAS') return `is ${kind} in the table`;
  const actual = parseColumnType(column.type);
  return actual !== null && fits(type, actual) ? null : `is ${column.type} in the table`;
}
