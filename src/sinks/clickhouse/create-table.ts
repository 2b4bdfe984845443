import type { ClickhouseColumns } from './column-types.ts';
import type { Horizon } from './horizon.ts';
import { quotedName, quotedTable, type TableName } from './identifiers.ts';

type Replacing<Column extends string> = 'ReplacingMergeTree' | `ReplacingMergeTree(${Column})`;

/** How a table is made where there is none. */
export interface CreateTable<Column extends string = string> {
  /** The sorting key; of a ReplacingMergeTree also the key of the upserts. */
  readonly orderBy: readonly Column[];
  /** An expression over the columns: 'toYYYYMM(at)'. Default: one partition. */
  readonly partitionBy?: string;
  /**
   * Default 'MergeTree'. Rows with one sorting key are replaced, some time later, by that with the
   * greatest column that a ReplacingMergeTree names, or by the last.
   */
  readonly engine?:
    'MergeTree' | Replacing<Column> | 'ReplicatedMergeTree' | `Replicated${Replacing<Column>}`;
}

/** A window costs some 100 bytes for each slot; the outbox may get more partitions later. */
const spare = 4;
const minSlots = 10_000;

export function createTableQuery(
  name: TableName,
  columns: ClickhouseColumns,
  options: CreateTable & { readonly horizon: Horizon },
): string {
  const { orderBy, partitionBy, engine = 'MergeTree', horizon } = options;
  const fields = Object.entries(columns).map(([column, type]) => `${quotedName(column)} ${type}`);
  const slots = Math.max(minSlots, horizon.slots * spare);
  const windows = engine.startsWith('Replicated')
    ? [
        `replicated_deduplication_window = ${slots}`,
        `replicated_deduplication_window_seconds = ${horizon.seconds * spare}`,
      ]
    : [`non_replicated_deduplication_window = ${slots}`];
  return [
    `CREATE TABLE IF NOT EXISTS ${quotedTable(name)} (${fields.join(', ')})`,
    `ENGINE = ${engineText(engine)}`,
    ...(partitionBy === undefined ? [] : [`PARTITION BY ${partitionBy}`]),
    `ORDER BY (${orderBy.map(quotedName).join(', ')})`,
    `SETTINGS ${windows.join(', ')}`,
  ].join(' ');
}

function engineText(engine: string): string {
  const [, name = engine, version] = /^(\w+)\((.*)\)$/s.exec(engine) ?? [];
  return version === undefined ? name : `${name}(${quotedName(version)})`;
}
