import type { AnyStoreDefinition, StoreSchema } from '../../src/core/task/state-port.ts';
import type {
  OperatorNode,
  PlanNode,
  RepartitionNode,
  SinkNode,
  SourceNode,
  TableNode,
  TopologySettings,
} from '../../src/core/topology/plan.ts';
import { string } from '../../src/core/serde/string.ts';
import type { Serde } from '../../src/core/serde/serde.ts';

const text = string() as Serde<unknown>; // plan nodes hold serdes of unknown

/** Plan nodes by hand, for tests that need no DSL; `change` overrides any field. */
export function source(topic: string, change: Partial<SourceNode> = {}): SourceNode {
  return {
    type: 'source',
    name: topic,
    kind: 'stream',
    parents: [],
    detail: {},
    topic,
    key: text,
    value: text,
    isTable: false,
    timestamps: { kind: 'record-time' },
    onInvalidTimestamp: 'drop',
    maxFutureMs: 'off',
    tombstones: 'drop',
    idleAdvanceMs: null,
    onDeserializationError: null,
    ...change,
  };
}

export function tableSource(topic: string, change: Partial<SourceNode> = {}): SourceNode {
  return source(topic, { kind: 'table', isTable: true, ...change });
}

export function operator(
  name: string,
  parents: readonly PlanNode[],
  change: Partial<OperatorNode> = {},
): OperatorNode {
  return {
    type: 'operator',
    name,
    kind: 'process',
    parents,
    detail: {},
    stores: [],
    lookups: [],
    hasTimers: false,
    changesKey: false,
    isCopartitioned: false,
    table: null,
    onProcessingError: null,
    calls: null,
    delivery: null,
    createProcessor: (context) => ({ process: (record) => context.forward(record) }),
    ...change,
  };
}

export const visibleTable: TableNode = { notVisible: null, open: () => () => null };

/** A table over its parent, with a store of its own name. */
export function table(
  name: string,
  parents: readonly PlanNode[],
  change: Partial<OperatorNode> = {},
): OperatorNode {
  return operator(name, parents, {
    kind: 'table',
    stores: [store(name)],
    table: visibleTable,
    ...change,
  });
}

export function repartition(
  name: string,
  parents: readonly PlanNode[],
  change: Partial<RepartitionNode> = {},
): RepartitionNode {
  return {
    type: 'repartition',
    name,
    topicName: `${name}-repartition`,
    isAddressed: false,
    kind: 'repartition',
    parents,
    detail: {},
    key: text,
    value: text,
    partitions: null,
    partitioner: null,
    onProductionError: null,
    ...change,
  };
}

export function sink(
  name: string,
  parents: readonly PlanNode[],
  change: Partial<SinkNode> = {},
): SinkNode {
  return {
    type: 'sink',
    name,
    kind: 'to',
    parents,
    detail: {},
    topic: name,
    key: text,
    value: text,
    partitioner: null,
    onProductionError: null,
    ...change,
  };
}

export function store(name: string, change: Partial<StoreSchema> = {}): AnyStoreDefinition {
  const format = { format: 'string', version: 1 };
  return { name, schema: { kind: 'key-value', key: format, value: format, detail: {}, ...change } };
}

export function settings(change: Partial<TopologySettings> = {}): TopologySettings {
  return {
    application: 'app',
    deadLetterTopic: null,
    deadLetterDrops: [],
    breaker: 'on',
    stack: 'omit',
    ...change,
  };
}
