import { invariant } from '../model/invariant.ts';
import { repartitionTopic } from '../topology/names.ts';
import type { PlanNode, RepartitionNode, SinkNode, SourceNode } from '../topology/plan.ts';
import type { OperatorContext, Processor, ProcessorContext } from '../topology/processor.ts';
import type { OutputCollector } from './output-collector.ts';
import type { PassingChange } from './passing-changes.ts';
import { type NodeServices, ProcessorNode } from './processor-node.ts';
import { sinkProcessor } from './sink-processor.ts';
import type { TaskCounters } from './task-counters.ts';
import type { TaskOptions } from './task-port.ts';

/** The running nodes of a task, linked. */
export interface TaskGraph {
  /** The node that starts with the records of an input, in topic order. */
  readonly roots: readonly ProcessorNode[];
  /** Operators, writers and sinks in plan order. */
  readonly nodes: readonly ProcessorNode[];
  nodeOf(name: string): ProcessorNode;
}

export interface GraphParts {
  readonly options: TaskOptions;
  readonly services: NodeServices;
  readonly passing: ReadonlyMap<PlanNode, PassingChange>;
  readonly collector: OutputCollector;
  readonly counters: TaskCounters;
}

/** Builds and links the nodes of a sub-topology, then creates their processors in plan order. */
export function taskGraph(parts: GraphParts): TaskGraph {
  const { topology, subTopology } = parts.options;
  const orderOf = new Map(topology.nodes.map((node, order) => [node, order]));
  const running = (plan: PlanNode) =>
    new ProcessorNode(
      plan,
      orderOf.get(plan) ?? 0,
      subTopology.timeDomains.get(plan.name) ?? 0,
      parts.services,
    );
  const roots = subTopology.inputs.map(({ node }) => running(node));
  const nodes = subTopology.nodes.map(running);
  const childrenOf = (plan: PlanNode) => nodes.filter((node) => node.plan.parents.includes(plan));
  for (const root of roots) root.link(childrenOf(root.plan));
  for (const node of nodes) {
    // What a repartition node writes comes back through its topic, as an input.
    const children = node.plan.type === 'repartition' ? [] : childrenOf(node.plan);
    node.link(children, parts.passing.get(node.plan));
  }
  for (const node of nodes) node.open((context) => processorOf(node.plan, context, parts));
  for (const root of roots) root.open((context) => rootProcessor(root.plan, context));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    roots,
    nodes,
    nodeOf(name) {
      const node = byName.get(name);
      invariant(node !== undefined, `The task has no node '${name}'.`);
      return node;
    },
  };
}

function processorOf(
  plan: PlanNode,
  context: OperatorContext<unknown, unknown>,
  parts: GraphParts,
): Processor<unknown, unknown> {
  if (plan.type === 'operator') return plan.createProcessor(context);
  const isRead = plan.type === 'source' || plan.type === 'global';
  invariant(!isRead, 'What is read is no node that runs.');
  return writer(plan, parts);
}

/** Sources hand on what they read; streams without tombstones refuse null values. */
function rootProcessor(
  plan: PlanNode,
  context: ProcessorContext<unknown, unknown>,
): Processor<unknown, unknown> {
  if (plan.type === 'source' && refusesNull(plan)) {
    return {
      process(record) {
        if (record.value === null) context.drop(record, 'null-value');
        else context.forward(record);
      },
    };
  }
  return { process: (record) => context.forward(record) };
}

function refusesNull({ isTable, tombstones }: SourceNode): boolean {
  return !isTable && tombstones === 'drop';
}

function writer(
  plan: SinkNode | RepartitionNode,
  { options, collector, counters }: GraphParts,
): Processor<unknown, unknown> {
  const isFixed = plan.type === 'repartition' || typeof plan.topic === 'string';
  const topicOf = plan.type === 'sink' && typeof plan.topic === 'function' ? plan.topic : null;
  const fixed =
    plan.type === 'repartition'
      ? repartitionTopic(options.topology.application, plan.topicName)
      : String(plan.topic);
  const topic = isFixed ? fixed : null;
  const serdeOf = (part: 'key' | 'value') =>
    options.inspection?.serde(plan[part], { node: plan.name, topic, part }) ?? plan[part];
  return sinkProcessor({
    application: options.topology.application,
    name: plan.name,
    topic,
    topicOf: topicOf ?? (() => fixed),
    key: serdeOf('key'),
    value: serdeOf('value'),
    partitioner: plan.partitioner,
    collector,
    partitionsOf: options.partitionsOf,
    taskPartition: options.partition,
    onWritten: () => {
      counters.recordsOut += 1;
    },
  });
}
