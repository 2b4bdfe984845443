export { postgres, type PostgresOptions } from './postgres/postgres.ts';
export type { PostgresAddress } from './postgres/address.ts';
export type {
  PostgresColumns,
  PostgresRow,
  PostgresType,
  PostgresValue,
} from './postgres/columns.ts';
