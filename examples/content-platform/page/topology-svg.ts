import type { Topology } from '../../../src/index.ts';
import { escaped } from './escaped.ts';
import { layeredLayout, type Point } from './layered-layout.ts';
import { type GraphNode, topologyGraph } from './topology-graph.ts';

/** Pixels of a character of the labels, a little more than the widest font has on average. */
const characterWidth = 6.6;
const boxHeight = 34;
const padding = 12;

/** A picture of a topology; the end offset of a topic goes where `data-topic` names it. */
export function topologySvg(topology: Topology): string {
  const { nodes, edges } = topologyGraph(topology);
  const boxes = nodes.map((node) => ({ id: node.id, width: widthOf(node) }));
  const { places, lines, width, height } = layeredLayout(boxes, edges);
  const drawnEdges = lines.map((points) => `<path class="edge" d="${pathOf(points)}"/>`);
  const drawnNodes = nodes.map((node) => nodeSvg(node, places.get(node.id) ?? { x: 0, y: 0 }));
  const [fullWidth, fullHeight] = [Math.ceil(width) + 2 * padding, Math.ceil(height) + 2 * padding];
  return [
    `<svg role="img" aria-label="The topology" width="${fullWidth}" height="${fullHeight}" `,
    `viewBox="${-padding} ${-padding} ${fullWidth} ${fullHeight}">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" ',
    'markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>',
    ...drawnEdges,
    ...drawnNodes,
    '</svg>',
  ].join('');
}

function widthOf({ label }: GraphNode): number {
  return Math.max(64, Math.ceil(label.length * characterWidth) + 22);
}

function nodeSvg(node: GraphNode, { x, y }: Point): string {
  const { kind, label, topic } = node;
  const width = widthOf(node);
  const radius = kind === 'topic' || kind === 'internal' ? boxHeight / 2 : 5;
  const count =
    topic === null
      ? `<text class="what" x="${width / 2}" y="12">${words[kind]}</text>`
      : `<text class="what" x="${width / 2}" y="12" data-topic="${escaped(topic)}">&#160;</text>`;
  return [
    `<g class="node ${kind}" transform="translate(${round(x)} ${round(y)})">`,
    `<title>${escaped(label)}</title>`,
    `<rect y="${-boxHeight / 2}" width="${width}" height="${boxHeight}" rx="${radius}"/>`,
    `<text x="${width / 2}" y="-1">${escaped(label)}</text>${count}</g>`,
  ].join('');
}

const words = {
  topic: '',
  internal: '',
  state: 'state',
  step: 'step',
  table: 'table',
} as const;

/** Curves that leave and arrive level. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let from = first;
  let path = `M${round(from.x)} ${round(from.y)}`;
  for (const [index, to] of rest.entries()) {
    const half = (to.x - from.x) / 2;
    const end = index === rest.length - 1 ? to.x - 1 : to.x;
    path += `C${round(from.x + half)} ${round(from.y)} ${round(to.x - half)} ${round(to.y)} `;
    path += `${round(end)} ${round(to.y)}`;
    from = to;
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
