import type { Serde } from '../../core/serde/serde.ts';
import type { Handle } from './handle.ts';

/** A table on its way to other keys: pairs, and the serdes of what is in them. */
export interface GroupedTable {
  /** Reads the pairs behind their topic, under their group's key. */
  readonly pairs: Handle;
  /** Of the keys the rows have in the table. */
  readonly row: Serde<unknown>;
  readonly value: Serde<unknown>;
}
