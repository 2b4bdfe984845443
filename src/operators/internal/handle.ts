import type { PlanNode } from '../../core/topology/plan.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { KStream } from '../k-stream.ts';
import type { KTable } from '../k-table.ts';
import type { Draft } from './draft.ts';
import type { KnownSerdes } from './serdes.ts';

/** Where a handle of the DSL stands in the plan, and what is known about what leaves there. */
export interface Handle {
  readonly draft: Draft;
  readonly node: PlanNode;
  /** Null where nobody has named the serde. */
  readonly key: Serde<unknown> | null;
  readonly value: Serde<unknown> | null;
  /** Whether the records may lie in another partition than their key says. */
  readonly isKeyChanged: boolean;
  /** Set where it is a table with windows that the plan knows. */
  readonly windows?: TableWindows;
}

/** What a table knows of its windows, whatever kind they are. */
export interface TableWindows {
  /** The serde of the key inside the window. */
  readonly key: Serde<unknown>;
  /** How long after its `endMs` a window closes; null: never. */
  readonly closeAfterMs: number | null;
  /** How long after its close a row is kept. */
  readonly retentionMs: number;
}

/** The DSL's classes, handed in so that operators and handles do not import one another. */
export interface Handles {
  stream<K, V, Of extends KnownSerdes>(handle: Handle): KStream<K, V, Of>;
  table<K, V, Of extends KnownSerdes>(handle: Handle): KTable<K, V, Of>;
}
