import { buildTopology } from '../core/topology/build-topology.ts';
import type { Topology, TopologySettings } from '../core/topology/plan.ts';
import { createDraft, type Draft } from './internal/draft.ts';
import { KStream } from './k-stream.ts';
import { KTable } from './k-table.ts';
import { streamSource, type StreamOptions } from './stream-source.ts';
import { type TableOptions, tableSource } from './table-source.ts';

export interface TopologyBuilderOptions {
  /** The topic for records that a policy `'dead-letter'` takes out of the way. */
  readonly deadLetter?: string;
  /** Whether to stop when most of the last 1000 records of a partition were in error. Default `'on'`. */
  readonly breaker?: 'on' | 'off';
  /** Whether dead letters carry the stack of the error. Default `'omit'`. */
  readonly stack?: 'include' | 'omit';
}

/** Writes a topology down. Nothing runs before the topology is given to a worker or a test driver. */
export class TopologyBuilder {
  private readonly settings: TopologySettings;
  private readonly draft: Draft;

  /** @param application names the consumer group and begins the names of all internal topics. */
  constructor(
    application: string,
    { deadLetter, breaker = 'on', stack = 'omit' }: TopologyBuilderOptions = {},
  ) {
    this.settings = { application, deadLetterTopic: deadLetter ?? null, breaker, stack };
    this.draft = createDraft({
      stream: (handle) => new KStream(handle),
      table: (handle) => new KTable(handle),
    });
  }

  stream<K, V, Tombstones extends 'keep' | 'drop' = 'drop'>(
    topic: string,
    options: StreamOptions<K, V, Tombstones>,
  ): KStream<K | null, Tombstones extends 'keep' ? V | null : V> {
    return new KStream(streamSource(this.draft, topic, options));
  }

  table<K, V>(topic: string, options: TableOptions<K, V>): KTable<K, V> {
    return new KTable(tableSource(this.draft, topic, options));
  }

  build(): Topology {
    return buildTopology(this.settings, this.draft.nodes, this.draft.problems);
  }
}
