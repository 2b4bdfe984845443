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
}

interface TableRow {
  readonly uuid: string;
  readonly engine: string;
  readonly engine_full: string;
  readonly create_table_query: string;
  readonly partition_key: string;
  readonly dependencies_database: readonly string[];
  readonly dependencies_table: readonly string[];
}

const tableQuery = `
  SELECT uuid, engine, engine_full, create_table_query, partition_key,
    dependencies_database, dependencies_table
  FROM system.tables WHERE database = {database: String} AND name = {table: String}`;

const columnsQuery = `
  SELECT name, type, default_kind, default_expression, is_in_partition_key
  FROM system.columns WHERE database = {database: String} AND table = {table: String}
  ORDER BY position`;

/** Null: there is none, or the user may not see it. */
export async function readTable(
  server: Server,
  { database, table }: TableName,
  signal: AbortSignal,
): Promise<ReadTable | null> {
  const params = { database, table };
  const [row] = await server.rowsOf<TableRow>({ query: tableQuery, params, signal });
  if (row === undefined) return null;
  const { uuid, engine, dependencies_database: databases } = row;
  return {
    database,
    table,
    uuid,
    engine,
    engineFull: row.engine_full,
    createQuery: row.create_table_query,
    isPartitioned: row.partition_key !== '',
    views: row.dependencies_table.map((view, index) => ({
      database: databases[index] ?? database,
      table: view,
    })),
  };
}

export function readColumns(
  server: Server,
  { database, table }: TableName,
  signal: AbortSignal,
): Promise<readonly TableColumn[]> {
  return server.rowsOf<TableColumn>({ query: columnsQuery, params: { database, table }, signal });
}
