import type { ErrorPolicy } from '../model/drop-reason.ts';
import type { TopologyProblem } from '../model/errors.ts';
import type { AnyStoreDefinition } from '../task/state-port.ts';
import { foldedName, isName, isTopicName, reservedStoreNames } from './names.ts';
import type { GlobalNode, PlanNode, SinkNode, SourceNode, TopologySettings } from './plan.ts';

/** What is wrong with the nodes, each seen alone or beside the others. */
export function planProblems(
  settings: TopologySettings,
  nodes: readonly PlanNode[],
): TopologyProblem[] {
  const sources = nodes.filter((node) => node.type === 'source');
  const globals = nodes.filter((node) => node.type === 'global');
  const read = [...sources, ...globals];
  const sinks = nodes.filter((node) => node.type === 'sink');
  return [
    ...emptyProblems(sources),
    ...applicationProblems(settings),
    ...nodes.flatMap(({ name }) => (isName(name) ? [] : [badName('node', name, name)])),
    ...duplicates(
      'node',
      nodes.map((node) => ({ name: node.name, node: node.name })),
    ),
    ...storeProblems(nodes),
    ...topicProblems(read, sinks),
    ...doubleSourceProblems(read),
    ...deadLetterProblems(settings, read),
    ...policyProblems(settings, nodes),
    ...lookupProblems(nodes),
  ];
}

type ReadingNode = SourceNode | GlobalNode;

interface Named {
  readonly name: string;
  readonly node: string;
}

function emptyProblems(sources: readonly SourceNode[]): TopologyProblem[] {
  if (sources.length > 0) return [];
  const message = 'there is no source: begin with builder.stream(...) or builder.table(...)';
  return [{ code: 'EMPTY_TOPOLOGY', message }];
}

function applicationProblems({ application }: TopologySettings): TopologyProblem[] {
  if (isName(application)) return [];
  const { code, message } = badName('application', application, '');
  return [{ code, message }];
}

function badName(what: string, name: string, node: string): TopologyProblem {
  const message =
    `the ${what} name '${name.slice(0, 120)}' cannot be used: ` +
    'take 1 to 100 of A-Z a-z 0-9 . _ - and not ., .. or __proto__';
  return { code: 'BAD_NAME', node, message };
}

/** Two names are one if they differ in `.` and `_` only. */
function duplicates(what: string, named: readonly Named[]): TopologyProblem[] {
  const first = new Map<string, Named>();
  const problems: TopologyProblem[] = [];
  for (const { name, node } of named) {
    const other = first.get(foldedName(name));
    if (other === undefined) {
      first.set(foldedName(name), { name, node });
      continue;
    }
    const message =
      other.name === name
        ? `two ${what}s are called '${name}'; give each a name of its own`
        : `the ${what}s '${other.name}' and '${name}' differ in . and _ only; rename one`;
    problems.push({ code: 'DUPLICATE_NAME', node, message });
  }
  return problems;
}

function storeProblems(nodes: readonly PlanNode[]): TopologyProblem[] {
  const users = new Map<AnyStoreDefinition, string>();
  for (const node of nodes) {
    if (node.type === 'global') users.set(node.rows, node.name);
    if (node.type !== 'operator') continue;
    for (const store of node.stores) if (!users.has(store)) users.set(store, node.name);
  }
  const named = [...users].map(([{ name }, node]) => ({ name, node }));
  const bad = named.flatMap(({ name, node }): TopologyProblem[] => {
    if (!isName(name)) return [badName('store', name, node)];
    if (!reservedStoreNames.includes(name)) return [];
    const message = `the store name '${name}' is reserved for the engine: choose another`;
    return [{ code: 'BAD_NAME', node, message }];
  });
  return [...bad, ...duplicates('store', named)];
}

const noTopicName = 'no name of a topic: take 1 to 249 of A-Z a-z 0-9 . _ -';

function topicProblems(
  sources: readonly ReadingNode[],
  sinks: readonly SinkNode[],
): TopologyProblem[] {
  return [...sources, ...sinks].flatMap(({ topic, name }): TopologyProblem[] => {
    if (typeof topic !== 'string' || isTopicName(topic)) return [];
    const message = `'${topic.slice(0, 260)}' is ${noTopicName}`;
    return [{ code: 'BAD_NAME', node: name, message }];
  });
}

function doubleSourceProblems(sources: readonly ReadingNode[]): TopologyProblem[] {
  const first = new Map<string, ReadingNode>();
  return sources.flatMap((source): TopologyProblem[] => {
    const other = first.get(source.topic);
    if (other === undefined) {
      first.set(source.topic, source);
      return [];
    }
    const message =
      `the topic '${source.topic}' is read by '${other.name}' and by '${source.name}': ` +
      'declare it once and use what is returned several times';
    return [{ code: 'DUPLICATE_NAME', node: source.name, message }];
  });
}

/** A policy that has no topic to write to could only fail. */
function policyProblems(
  { deadLetterTopic }: TopologySettings,
  nodes: readonly PlanNode[],
): TopologyProblem[] {
  if (deadLetterTopic !== null) return [];
  return nodes
    .filter((node) => policiesOf(node).includes('dead-letter'))
    .map(({ name: node }) => ({
      code: 'BAD_OPTION',
      node,
      message:
        `'${node}' is to send dead letters, and the topology has no topic for them: give the ` +
        '`TopologyBuilder` a `deadLetter`',
    }));
}

function policiesOf(node: PlanNode): readonly (ErrorPolicy | null)[] {
  if (node.type === 'source') return [node.onDeserializationError];
  if (node.type === 'operator') return [node.onProcessingError];
  return node.type === 'sink' ? [node.onProductionError] : [];
}

function deadLetterProblems(
  { deadLetterTopic, deadLetterDrops }: TopologySettings,
  sources: readonly ReadingNode[],
): TopologyProblem[] {
  if (deadLetterTopic === null) {
    if (deadLetterDrops.length === 0) return [];
    const message = '`deadLetterDrops` without a topic for them: give `deadLetter` too';
    return [{ code: 'BAD_OPTION', message }];
  }
  if (!isTopicName(deadLetterTopic)) {
    const message = `the dead-letter topic '${deadLetterTopic.slice(0, 260)}' is ${noTopicName}`;
    return [{ code: 'BAD_NAME', message }];
  }
  const reader = sources.find(({ topic }) => topic === deadLetterTopic);
  if (reader === undefined) return [];
  const message =
    `the dead-letter topic '${deadLetterTopic}' is also read, so that a bad record would come back ` +
    'for ever: send dead letters elsewhere';
  return [{ code: 'INVALID_TOPOLOGY', node: reader.name, message }];
}

function lookupProblems(nodes: readonly PlanNode[]): TopologyProblem[] {
  return nodes.flatMap((node): TopologyProblem[] => {
    if (node.type !== 'operator') return [];
    return node.lookups.flatMap((table): TopologyProblem[] => {
      if (table.type === 'global') return [];
      const rows = table.type === 'operator' ? table.table : null;
      if (rows === null) {
        const message = `'${table.name}' is no table, so '${node.name}' cannot look rows up in it`;
        return [{ code: 'INVALID_TOPOLOGY', node: node.name, message }];
      }
      if (rows.notVisible === null) return [];
      const message = `'${node.name}' looks rows up in '${table.name}': ${rows.notVisible}`;
      return [{ code: 'TABLE_NOT_VISIBLE', node: node.name, message }];
    });
  });
}
