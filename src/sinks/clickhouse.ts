export { clickhouse, type ClickhouseOptions } from './clickhouse/clickhouse.ts';
export type { ClickhouseColumns, ClickhouseRow, ColumnValue } from './clickhouse/column-types.ts';
export type { CreateTable } from './clickhouse/create-table.ts';
export type { SettingValues } from './clickhouse/insert-settings.ts';
