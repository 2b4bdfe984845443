import type { TableName } from './identifiers.ts';
import type { Server } from './server.ts';

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  /** '' | 'DEFAULT' | 'MATERIALIZED' | 'ALIAS' | 'EPHEMERAL'. */
  readonly default_kind: string;
  readonly default_expression: string;
  readonly is_in_partition_key: number;
}

/** A table as `system.tables` has it. */
export interface ReadTable extends TableName {
  readonly uuid: string;
  readonly engine: string;
  readonly engineFull: string;
  readonly createQuery: string;
  readonly isPartitioned: boolean;
  /** The views that an insert into it feeds. */
  readonly views: readonly TableName[];
  /** All that was read: while it is the same, so is the table. */
  readonly definition: string;
}

interface TableRow {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  readonly engine: string;
  readonly engine_full: string;
  readonly create_table_query: string;
  readonly partition_key: string;
  readonly dependencies_database: readonly string[];
  readonly dependencies_table: readonly string[];
}

const tableQuery = `
  SELECT database, name, uuid, engine, engine_full, create_table_query, partition_key,
    dependencies_database, dependencies_table
  FROM system.tables
  WHERE database IN {databases: Array(String)} AND name IN {tables: Array(String)}`;

const columnsQuery = `
  SELECT name, type, default_kind, default_expression, is_in_partition_key
  FROM system.columns WHERE database = {database: String} AND table = {table: String}
  ORDER BY position`;

/** Null: there is none, or the user may not see it. */
export async function readTable(
  server: Server,
  name: TableName,
  signal: AbortSignal,
): Promise<ReadTable | null> {
  const [row] = await tableRows(server, [name], signal);
  return row === undefined ? null : readTableOf(row);
}

/** Whether tables are, to the letter, what they were when they were read; by one query. */
export async function areUnchanged(
  server: Server,
  tables: readonly ReadTable[],
  signal: AbortSignal,
): Promise<boolean> {
  const found = new Set((await tableRows(server, tables, signal)).map(definitionOf));
  return tables.every(({ definition }) => found.has(definition));
}

/** Others too, where names stand in several databases. */
function tableRows(
  server: Server,
  names: readonly TableName[],
  signal: AbortSignal,
): Promise<readonly TableRow[]> {
  const databases = [...new Set(names.map(({ database }) => database))];
  const params = { databases, tables: names.map(({ table }) => table) };
  return server.rowsOf<TableRow>({ query: tableQuery, params, signal });
}

function definitionOf(row: TableRow): string {
  return JSON.stringify(row);
}

function readTableOf(row: TableRow): ReadTable {
  const { database, name, uuid, engine, dependencies_database: databases } = row;
  return {
    database,
    table: name,
    uuid,
    engine,
    engineFull: row.engine_full,
    createQuery: row.create_table_query,
    isPartitioned: row.partition_key !== '',
    views: row.dependencies_table.map((view, index) => ({
      database: databases[index] ?? database,
      table: view,
    })),
    definition: definitionOf(row),
  };
}

export function readColumns(
  server: Server,
  { database, table }: TableName,
  signal: AbortSignal,
): Promise<readonly TableColumn[]> {
  return server.rowsOf<TableColumn>({ query: columnsQuery, params: { database, table }, signal });
}
