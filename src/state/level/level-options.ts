import type { Database, DatabaseOptions } from './database.ts';
import type { PositionRow } from './meta-rows.ts';

/** The layout of all keys and rows; raised when an older library could not read them. */
export const levelFormat = 1;
/** That many markers of past batches are kept; a gap among them is a lost batch. */
export const maxMarkers = 65_536;
/** Read at once where all rows or markers are looked through. */
export const rowsPerRead = 1000;
/** A file beside LevelDB's that says: do not trust what you find here. */
export const distrustFile = 'rebuild';

export interface LevelOptions extends DatabaseOptions {
  /** Application and task, as text; state of another owner is not believed. */
  readonly owner: string;
  /** Null where the system has none: then only a clean close, or `sync`, is trusted. */
  readonly bootId: string | null;
  readonly sync: boolean;
  readonly verify: 'default' | 'open';
  readonly minFreeBytes: number;
  /** Directories whose distrust file could not be written, with the reason. */
  readonly distrusted: Map<string, string>;
}

/** A database that is open, marked as such, and trusted as far as it goes. */
export interface OpenedLevel {
  readonly database: Database;
  /** Null: it is empty. */
  readonly row: PositionRow | null;
  readonly rebuildReason: string | null;
  readonly stores: ReadonlyMap<string, NumberedStore>;
  /** Checksum of the numbering row; each position row names the one it belongs to. */
  readonly numbering: number;
}

export interface NumberedStore {
  readonly number: number;
  /** Without its prefix; null: the store is empty. */
  readonly lastKey: Buffer | null;
}
