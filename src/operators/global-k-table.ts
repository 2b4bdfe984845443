import type { GlobalHandle } from './internal/handle.ts';

/** A table that every worker holds whole, for streams to look rows up in under any key. */
export class GlobalKTable<K, V> {
  /** Never set: tells what is in the table. */
  declare readonly rows: readonly [K, V];

  /** @internal */
  constructor(
    /** @internal */
    readonly handle: GlobalHandle,
  ) {}
}
