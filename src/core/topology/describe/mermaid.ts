import type { Topology } from '../plan.ts';
import { type Box, drawingOf } from './drawing.ts';

/** A flowchart for https://mermaid.js.org, one box around each sub-topology. */
export function describeAsMermaid(topology: Topology): string {
  const { topics, groups, arrows } = drawingOf(topology);
  const lines = [
    'flowchart TD',
    ...topics.map((box) => `  ${boxText(box)}`),
    ...groups.flatMap(({ title, boxes }, index) => [
      `  subgraph g${index}["${escaped(title)}"]`,
      ...boxes.map((box) => `    ${boxText(box)}`),
      '  end',
    ]),
    ...arrows.map(({ from, to, isDashed }) => `  ${from} ${isDashed ? '-.->' : '-->'} ${to}`),
  ];
  return lines.join('\n') + '\n';
}

function boxText({ id, lines, shape }: Box): string {
  const text = `"${lines.map(escaped).join('<br/>')}"`;
  if (shape === 'topic') return `${id}[/${text}/]`;
  return shape === 'store' ? `${id}[(${text})]` : `${id}[${text}]`;
}

function escaped(text: string): string {
  return text.replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
}
