import type { TopologyProblem } from '../core/model/errors.ts';
import type { Duration } from '../core/model/duration.ts';
import type { Draft } from './internal/draft.ts';
import type { Handle } from './internal/handle.ts';
import { sourceNode, type SourceOptions } from './internal/source-node.ts';
import { upsertNode } from './internal/upsert.ts';
import type { Versioning } from './internal/upsert-spec.ts';
import type { Renamable } from './internal/renamable.ts';

export interface TableOptions<K, V> extends SourceOptions<K, V>, Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** Keeps what was valid before, so that a join finds the row valid at its record's time. */
  readonly versioned?: Versioning;
  /** How long a row is kept in stream time after its timestamp; not with `versioned`. */
  readonly timeToLive?: Duration;
  /** See `SourceChangelogTableOptions`. */
  readonly changelog?: never;
}

/** A table without a changelog of its own: its topic is read again in its place. */
export interface SourceChangelogTableOptions<K, V> extends SourceOptions<K, V> {
  /** Names the node and its store. */
  readonly name: string;
  /** The topic must be compacted, and nothing else: a worker checks it when it starts. */
  readonly changelog: 'source';
  /** What the topic alone cannot tell a restart. */
  readonly versioned?: never;
  readonly timeToLive?: never;
}

/** The same where the table is versioned, which decides what a join with it may ask for. */
export interface VersionedTableOptions<K, V> extends TableOptions<K, V> {
  readonly versioned: Versioning;
}

export function tableSource<K, V>(
  draft: Draft,
  topic: string,
  options: TableOptions<K, V> | SourceChangelogTableOptions<K, V>,
): Handle {
  const { name, key, value, versioned, timeToLive } = options;
  draft.renamed(options);
  const isChangelog = options.changelog !== undefined;
  if (isChangelog) draft.problems.push(...changelogProblems(options));
  const identity = { name: `${name}-source`, kind: 'table-source', topic, isTable: true } as const;
  const parent = draft.add(sourceNode({ ...identity, tombstones: 'keep' }, options));
  const spec = { kind: 'table', name, parent, key, value, versioned, timeToLive } as const;
  return upsertNode({ draft }, isChangelog ? { ...spec, changelogTopic: topic } : spec);
}

/** Rows that a restore could not make again of the records that compaction leaves. */
function changelogProblems<K, V>({
  name,
  ...options
}: TableOptions<K, V> | SourceChangelogTableOptions<K, V>): TopologyProblem[] {
  const { versioned, timeToLive, onInvalidTimestamp, timestamp } = options;
  const inTheWay = [
    ...(versioned === undefined ? [] : ['versions']),
    ...(timeToLive === undefined ? [] : ['a time to live']),
    ...(onInvalidTimestamp === 'partition-time' ? ["onInvalidTimestamp: 'partition-time'"] : []),
    ...(timestamp?.kind === 'wall-clock' ? ['wallClock()'] : []),
  ];
  return inTheWay.map((what) => {
    const message = `its topic alone does not tell the rows of a table with ${what}: leave out changelog: 'source'`;
    return { code: 'BAD_OPTION', node: name, message };
  });
}
