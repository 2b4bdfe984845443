import type { Duration } from '../../core/model/duration.ts';
import type { Sink } from '../../core/sink/sink.ts';
import { type BatchOptions, defineSink } from '../define-sink.ts';
import { badOption } from '../sink-options.ts';
import { checkAddress, type PostgresAddress } from './address.ts';
import {
  columnsOf,
  isIdentifier,
  type KeyColumn,
  type PostgresColumns,
  type PostgresRow,
} from './columns.ts';
import { connectDelivery } from './delivery.ts';
import { pgClients } from './pg-client.ts';
import { rowSerde } from './row-serde.ts';
import type { Target } from './statements.ts';

export interface PostgresOptions<Columns extends PostgresColumns> {
  /** The sink's identity: names its outbox topic and its progress. */
  readonly name: string;
  /** A URL, `postgres://user:password@host:5432/database`, or its parts. */
  readonly connection: string | PostgresAddress;
  readonly table: string;
  /** Where the table is, and the table of the progress. Default `public`. */
  readonly schema?: string;
  /** Each column that is written with its type, `text`, or `text?` where it may be null. */
  readonly columns: Columns;
  /** Upserts by these columns, which need a unique index. Default: rows are only inserted. */
  readonly key?: readonly [KeyColumn<Columns>, ...KeyColumn<Columns>[]];
  /** Creates the table if it is not there, the key as its primary key. Default false. */
  readonly createTable?: boolean;
  readonly batches?: BatchOptions;
  /** How long one attempt may take; the server gives up a little before. Default 30 s. */
  readonly attemptTimeout?: Duration;
}

/**
 * Delivers rows to a table of PostgreSQL exactly once: each batch is written in one transaction
 * with the progress of its delivery, a row of the table `millrace_progress` beside it.
 *
 * Without `key` every row is inserted. With it a row replaces the one of its key; of several in a
 * batch the last wins. A row that the table refuses for its content (SQLSTATE 22, 23, 44, 54 and
 * what a trigger raises) is told apart from the others of its batch.
 *
 * Needs the package `pg`, the right to insert (and to update and select with `key`), and that of
 * creating `millrace_progress` unless it is there.
 *
 * @throws {ConfigError} `BAD_NAME`, `BAD_OPTION`, `BAD_DURATION`
 *
 * @example A table of the last visit of each user.
 * ```ts
 * import { postgres } from 'millrace/sinks/postgres';
 * const visits = postgres({
 *   name: 'last-visits',
 *   connection: 'postgres://app@localhost/web',
 *   table: 'last_visits',
 *   columns: { user_id: 'bigint', page: 'text', at: 'timestamptz', country: 'text?' },
 *   key: ['user_id'],
 * });
 * visits.row.serialize({ user_id: 7, page: '/', at: 1_700_000_000_000, country: null });
 * // => '{"user_id":7,"page":"/","at":1700000000000,"country":null}'
 * ```
 */
export function postgres<const Columns extends PostgresColumns>(
  options: PostgresOptions<Columns>,
): Sink<PostgresRow<Columns>> {
  const { name, connection, batches, attemptTimeout, createTable = false } = options;
  const target = targetOf(options);
  checkAddress(name, connection);
  const open = pgClients(name, connection);
  const { table, schema, key, columns } = target;
  const sink: Sink<PostgresRow<Columns>> = defineSink<PostgresRow<Columns>>({
    kind: 'postgres',
    name,
    row: rowSerde(columns),
    detail: { table: `${schema}.${table}`, ...(key.length === 0 ? {} : { key }) },
    ...(batches === undefined ? {} : { batches }),
    ...(attemptTimeout === undefined ? {} : { attemptTimeout }),
    connect: (place) => {
      const { attemptTimeoutMs } = sink;
      return connectDelivery({ target, createTable, attemptTimeoutMs, open }, place);
    },
  });
  return sink;
}

function targetOf<Columns extends PostgresColumns>(options: PostgresOptions<Columns>): Target {
  const { name, table, schema = 'public', key = [] } = options;
  for (const [option, value] of Object.entries({ table, schema })) {
    if (isIdentifier(value)) continue;
    throw badOption(name, `'${option}' is no identifier`);
  }
  const columns = columnsOf(name, options.columns);
  const isKey = (one: string) =>
    columns.some((column) => column.name === one && !column.isNullable);
  if (!key.every(isKey) || new Set(key).size < key.length) {
    throw badOption(name, "'key' is to name some of its columns that are never null");
  }
  return { schema, table, columns, key };
}
