import type { Duration } from '../../core/model/duration.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { PlanNode } from '../../core/topology/plan.ts';

/** The past of a table, for lookups as of a time. */
export interface Versioning {
  /** How far back in stream time rows are found; 0: none but the latest by its timestamp. */
  readonly history: Duration;
}

export interface UpsertSpec {
  readonly kind: 'table' | 'to-table';
  readonly name: string;
  readonly parent: PlanNode;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly versioned?: Versioning | undefined;
  readonly timeToLive?: Duration | undefined;
  /** The topic of its source, where that is its changelog. */
  readonly changelogTopic?: string;
}
