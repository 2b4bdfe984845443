import type { Duration } from '../../core/model/duration.ts';
import type { DeliveryPlace, Sink, SinkConnection } from '../../core/sink/sink.ts';
import { type BatchOptions, defineSink } from '../define-sink.ts';
import { badOption, checkWhole } from '../sink-options.ts';
import { type ColumnType, parseColumnType } from './column-type.ts';
import type { ClickhouseColumns, ClickhouseRow, WritableColumns } from './column-types.ts';
import { clickhouseConnection } from './connection.ts';
import type { CreateTable } from './create-table.ts';
import { neededHorizon } from './horizon.ts';
import { insertSettings, type SettingValues } from './insert-settings.ts';
import { rowSerde } from './row-serde.ts';
import { clickhouseServer } from './server.ts';
import { serverAddress } from './server-address.ts';

export interface ClickhouseOptions<Columns extends ClickhouseColumns> {
  /** The sink's identity: names its outbox topic. Whoever renames it makes a new sink. */
  readonly name: string;
  /** Of the HTTP interface: 'http://127.0.0.1:8123'. A user name and password in it are used. */
  readonly url: string;
  /** Default 'default'. */
  readonly username?: string;
  /** Default: none. */
  readonly password?: string;
  /** Default 'default'. */
  readonly database?: string;
  readonly table: string;
  /**
   * The columns that are written with their types, which give the type of a row: 'String',
   * 'FixedString(3)', 'UUID', 'Bool', '(U)Int8' to '(U)Int256', 'Float32', 'Float64',
   * 'Decimal(18, 2)', 'Date', 'Date32', 'DateTime', "DateTime64(3, 'UTC')", "Enum8('a' = 1)",
   * 'IPv4', 'IPv6', and of these 'Nullable(...)', 'LowCardinality(...)', 'Array(...)',
   * 'Map(String, ...)'. The table may have others, which then get their defaults.
   */
  readonly columns: Columns;
  /** Default at most 50,000 rows, 8 MiB, one second: ClickHouse wants few and large inserts. */
  readonly batches?: BatchOptions;
  /** How long one attempt may take, here and on the server. Default 30 s. */
  readonly attemptTimeout?: Duration;
  /** Makes the table where there is none. Default: it has to be there. */
  readonly createTable?: CreateTable<Extract<keyof Columns, string>>;
  /**
   * How many partitions of a partitioned table a batch may touch: each takes a slot of the
   * deduplication window. A batch with more is split. Default 10.
   */
  readonly maxTablePartitions?: number;
  /** Into the same table by others, who take slots of the window as well. Default 0. */
  readonly otherInsertsPerSecond?: number;
  /** Whether requests are compressed by gzip. Default false. */
  readonly compress?: boolean;
  /** Further settings of each insert: `{ insert_quorum: 2 }`. */
  readonly settings?: SettingValues;
}

/**
 * Delivers rows to a table of ClickHouse, exactly once: each batch is one insert of one block under
 * a deduplication token, and the table's window is checked to be large enough for every late
 * attempt (docs/SINKS.md). Needs the package `@clickhouse/client` and a table of the engine
 * MergeTree, ReplacingMergeTree or a Replicated form of them.
 *
 * A row has each column: times are epoch milliseconds, integers beyond 2^53 bigints. What the
 * column cannot hold exactly is refused where the row is written, since ClickHouse itself would
 * wrap, cut or default it.
 *
 * @example
 * ```ts
 * const sink = clickhouse({
 *   name: 'views-to-clickhouse',
 *   url: 'http://127.0.0.1:8123',
 *   table: 'views',
 *   columns: { page: 'String', views: 'UInt64', at: "DateTime64(3, 'UTC')" },
 *   createTable: { orderBy: ['page', 'at'] },
 * });
 * sink.row.serialize({ page: '/a', views: 2, at: 1_700_000_000_000 });
 * // => '{"page":"/a","views":2,"at":1700000000000}'
 * ```
 * @throws {ConfigError} `BAD_NAME`, `BAD_OPTION`, `BAD_DURATION`
 * @throws {SerdeError} `SERIALIZATION` from `row`, for a value that its column cannot hold.
 * @throws {SinkError} while it runs: `SINK_SCHEMA`, `SINK_HORIZON`, `SINK_DENIED`,
 * `SINK_ROW_REFUSED`, `SINK_UNAVAILABLE`, `PACKAGE_MISSING`.
 */
export function clickhouse<const Columns extends ClickhouseColumns>(
  options: ClickhouseOptions<Columns> & { readonly columns: WritableColumns<Columns> },
): Sink<ClickhouseRow<Columns>> {
  const { name, table, columns, database = 'default', createTable = null } = options;
  const { maxTablePartitions = 10, otherInsertsPerSecond = 0, compress = false } = options;
  const types = columnTypes(name, columns);
  const sink: Sink<ClickhouseRow<Columns>> = defineSink({
    kind: 'clickhouse',
    name,
    row: rowSerde<Columns>(types),
    batches: { maxRows: 50_000, maxDelay: '1s', ...options.batches },
    ...(options.attemptTimeout === undefined ? {} : { attemptTimeout: options.attemptTimeout }),
    detail: { database, table, columns },
    connect,
  });
  const address = serverAddress(options);
  checkWhole(name, { maxTablePartitions }, 1);
  checkWhole(name, { otherInsertsPerSecond }, 0);

  function connect({ partitions, maxZombieMs, minIntervalMs }: DeliveryPlace): SinkConnection {
    const { attemptTimeoutMs, batches } = sink;
    const { maxRows } = batches;
    // What has come in time the server may still work at for as long: `max_execution_time`.
    const maxLateMs = maxZombieMs + attemptTimeoutMs;
    const load = { partitions, maxLateMs, minIntervalMs, otherInsertsPerSecond };
    return clickhouseConnection({
      server: clickhouseServer({ ...address, sink: name, attemptTimeoutMs, compress }),
      table: {
        name: { database, table },
        written: { sink: name, columns, types },
        createTable,
        settings: insertSettings({ maxRows, maxTablePartitions, attemptTimeoutMs }),
        horizonOf: (isPartitioned) =>
          neededHorizon({ ...load, maxTablePartitions: isPartitioned ? maxTablePartitions : 1 }),
      },
      settings: options.settings ?? {},
    });
  }
  return sink;
}

function columnTypes(sink: string, columns: ClickhouseColumns): ReadonlyMap<string, ColumnType> {
  const types = Object.entries(columns).map(([column, text]) => {
    const type = parseColumnType(text);
    if (type !== null) return [column, type] as const;
    throw badOption(sink, `the column '${column}' has a type that cannot be written: ${text}`);
  });
  if (types.length === 0) throw badOption(sink, "'columns' names none");
  return new Map(types);
}
