import type { Rule } from '../project.ts';
import { importsOf, isOutside } from './imports.ts';

/** Each layer with the layers right below it; what is below those may be imported too. */
const layers: Readonly<Record<string, readonly string[]>> = {
  // The command is a user of the public names.
  cli: ['index', 'core/upkeep'],
  index: ['topologies'],
  testing: ['topologies', 'core/testing'],
  quantiles: ['operators'],
  topologies: ['operators', 'sinks'],
  operators: ['state'],
  sinks: ['state'],
  serde: ['core/serde'],
  state: ['core/worker'],
  'core/testing': ['core/worker'],
  'core/upkeep': ['core/worker'],
  'core/worker': ['core/sink', 'core/log', 'core/metrics'],
  'core/sink': ['core/task'],
  'core/task': ['core/topology', 'core/serde'],
  'core/log': ['core/topology', 'core/serde'],
  'core/metrics': ['core/topology', 'core/serde'],
  'core/topology': ['core/model', 'core/runtime'],
  'core/serde': ['core/model', 'core/runtime'],
  'core/runtime': ['core/model'],
  'core/model': [],
};

/** Contracts that name each other's types; nothing is loaded by them. */
const typesAllowed: Readonly<Record<string, readonly string[]>> = {
  'core/topology': ['core/task', 'core/serde', 'core/sink'],
  'core/task': ['core/log', 'core/sink'],
  'core/sink': ['core/log'],
};

/** Parts of the log's format that a task writes in: record batches, the choice of a partition. */
const filesAllowed: Readonly<Record<string, readonly string[]>> = {
  'core/task': ['src/core/log/record-batch/', 'src/core/log/murmur2.ts'],
  'core/sink': ['src/core/log/record-batch/'],
};

const reach = new Map<string, ReadonlySet<string>>();
for (const layer of Object.keys(layers).reverse()) {
  const below = (layers[layer] ?? []).flatMap((next) => [next, ...(reach.get(next) ?? [])]);
  reach.set(layer, new Set([layer, ...below]));
}

function layerOf(path: string): string | undefined {
  const match = /^src\/(?:(index|testing|quantiles|cli)\.ts|(core\/[^/]+)\/|([^/]+)\/)/.exec(path);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

export const importDirection: Rule = {
  name: 'import-direction',
  check: (project) =>
    importsOf(project).flatMap((edge) => {
      const { from, to, line, isTypeOnly } = edge;
      const layer = layerOf(from);
      if (layer === undefined || isOutside(edge)) return [];
      const target = layerOf(to);
      const known = reach.get(layer);
      if (known === undefined) {
        return [{ path: from, line: 1, message: `the layer '${layer}' has no place in the order` }];
      }
      if (target !== undefined && known.has(target)) return [];
      if (isTypeOnly && target !== undefined && typesAllowed[layer]?.includes(target)) return [];
      if (filesAllowed[layer]?.some((start) => to.startsWith(start))) return [];
      const message =
        `'${layer}' must not import '${target ?? to}': move what is needed down, ` +
        'or let the caller pass it in through a port';
      return [{ path: from, line, message }];
    }),
  bad: {
    'core that knows state': {
      'src/core/task/task.ts': "import { open } from '../../state/open.ts';",
    },
    'a type from above': {
      'src/state/store.ts': "import type { KStream } from '../operators/k-stream.ts';",
    },
    'a value where only types may go': {
      'src/core/topology/plan.ts': "import { transition } from '../task/task-states.ts';",
    },
    'a sibling layer': { 'src/core/model/a.ts': "import { clock } from '../runtime/clock.ts';" },
    'a dynamic import': {
      'src/core/log/a.ts': "export const load = () => import('../worker/worker.ts');",
    },
    'an import type': {
      'src/core/model/a.ts': "export type A = import('../task/task.ts').Task;",
    },
    'a re-export': { 'src/state/a.ts': "export { run } from '../index.ts';" },
    'source that imports a test': { 'src/state/a.ts': "import { b } from '../../test/b.ts';" },
    'a layer nobody placed': { 'src/helpers/a.ts': "import { b } from './b.ts';" },
  },
  good: {
    downwards: { 'src/operators/filter.ts': "import { x } from '../core/model/record.ts';" },
    'the same layer': { 'src/core/task/a.ts': "import { b } from './b.ts';" },
    'types of a contract': {
      'src/core/topology/plan.ts': "import type { S } from '../task/state-port.ts';",
    },
    'types marked one by one': {
      'src/core/topology/plan.ts': "import { type S } from '../task/state-port.ts';",
    },
    'the codec of record batches': {
      'src/core/task/a.ts': "import { build } from '../log/record-batch/build.ts';",
    },
    'a test may import anything': { 'test/a.test.ts': "import { b } from '../src/index.ts';" },
  },
};
