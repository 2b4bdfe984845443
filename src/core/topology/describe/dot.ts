import type { Topology } from '../plan.ts';
import { type Box, drawingOf } from './drawing.ts';

const shapes = { topic: 'parallelogram', node: 'box', store: 'cylinder' } as const;

/** A digraph for Graphviz, one cluster per sub-topology. */
export function describeAsDot(topology: Topology): string {
  const { topics, groups, arrows } = drawingOf(topology);
  const lines = [
    `digraph ${quoted(topology.application)} {`,
    ...topics.map((box) => `  ${boxText(box)}`),
    ...groups.flatMap(({ title, boxes }, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(title)};`,
      ...boxes.map((box) => `    ${boxText(box)}`),
      '  }',
    ]),
    ...arrows.map(
      ({ from, to, isDashed }) => `  ${from} -> ${to}${isDashed ? ' [style=dashed]' : ''};`,
    ),
    '}',
  ];
  return lines.join('\n') + '\n';
}

function boxText({ id, lines, shape }: Box): string {
  return `${id} [shape=${shapes[shape]}, label=${quoted(...lines)}];`;
}

function quoted(...lines: readonly string[]): string {
  const text = lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"'));
  return `"${text.join('\\n')}"`;
}
