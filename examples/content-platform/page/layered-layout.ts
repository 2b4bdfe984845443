export interface Box {
  readonly id: string;
  readonly width: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** The middle of the left side of each box. */
  readonly places: ReadonlyMap<string, Point>;
  /** Of each edge, in the order given: where it passes, both ends included. */
  readonly lines: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

type Edge = readonly [from: string, to: string];

/** A box, or where an edge passes a layer that holds neither of its ends. */
interface Cell {
  readonly id: string;
  readonly width: number;
  readonly layer: number;
  y: number;
}

const columnGap = 40;
const rowGap = 46;
const passGap = 30;
const sweeps = 24;

/** Draws a graph without cycles from left to right: each box behind all that lead to it. */
export function layeredLayout(boxes: readonly Box[], edges: readonly Edge[]): Layout {
  const layers = layersOf(boxes, edges);
  const cells = new Map<string, Cell>();
  for (const { id, width } of boxes) {
    cells.set(id, { id, width, layer: layers.get(id) ?? 0, y: 0 });
  }
  const chains = edges.map((edge) => chainOf(edge, cells));
  const columns = columnsOf(cells);
  arrange(columns, linksOf(chains));
  const starts = columnStarts(columns);
  const top = Math.min(...[...cells.values()].map(({ y }) => y)) - rowGap / 2;
  const at = (cell: Cell): Point => ({ x: starts[cell.layer] ?? 0, y: cell.y - top });
  const cellAt = (id: string): Cell => cells.get(id) ?? { id, width: 0, layer: 0, y: 0 };
  return {
    places: new Map(boxes.map(({ id }) => [id, at(cellAt(id))])),
    lines: chains.map((chain) =>
      chain.flatMap((id, index) => {
        const cell = cellAt(id);
        const { x, y } = at(cell);
        const ends = starts[cell.layer + 1] ?? 0;
        if (index === chain.length - 1) return [{ x, y }];
        // Level past the widest box of its column, so that it crosses none.
        return [
          { x: x + cell.width, y },
          { x: Math.max(x + cell.width, ends - columnGap), y },
        ];
      }),
    ),
    width: starts.at(-1) ?? 0,
    height: Math.max(...[...cells.values()].map((cell) => at(cell).y)) + rowGap / 2,
  };
}

/** The longest way from a box that nothing leads to. */
function layersOf(boxes: readonly Box[], edges: readonly Edge[]): ReadonlyMap<string, number> {
  const layers = new Map(boxes.map(({ id }) => [id, 0]));
  // Without cycles the longest way has fewer edges than there are boxes.
  for (let round = 0; round < boxes.length; round += 1) {
    for (const [from, to] of edges) {
      layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(from) ?? 0) + 1));
    }
  }
  return layers;
}

/** The ends of an edge and, between them, a cell in each layer that it passes. */
function chainOf([from, to]: Edge, cells: Map<string, Cell>): readonly string[] {
  const first = (cells.get(from)?.layer ?? 0) + 1;
  const last = cells.get(to)?.layer ?? 0;
  const passes: string[] = [];
  for (let layer = first; layer < last; layer += 1) {
    const id = JSON.stringify([from, to, layer]);
    cells.set(id, { id, width: 0, layer, y: 0 });
    passes.push(id);
  }
  return [from, ...passes, to];
}

function columnsOf(cells: ReadonlyMap<string, Cell>): Cell[][] {
  const columns: Cell[][] = [];
  for (const cell of cells.values()) (columns[cell.layer] ??= []).push(cell);
  for (const column of columns) {
    for (const [index, cell] of column.entries()) cell.y = index * rowGap;
  }
  return columns;
}

interface Links {
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly behind: ReadonlyMap<string, readonly string[]>;
}

function linksOf(chains: readonly (readonly string[])[]): Links {
  const before = new Map<string, string[]>();
  const behind = new Map<string, string[]>();
  for (const chain of chains) {
    for (const [index, to] of chain.slice(1).entries()) {
      const from = chain[index] ?? '';
      before.set(to, [...(before.get(to) ?? []), from]);
      behind.set(from, [...(behind.get(from) ?? []), to]);
    }
  }
  return { before, behind };
}

/** Moves each cell towards the middle of its neighbours, from left to right and back. */
function arrange(columns: readonly Cell[][], { before, behind }: Links): void {
  const heights = new Map(columns.flat().map((cell) => [cell.id, cell]));
  const middle = (cell: Cell, links: Links['before']): number => {
    const own = links.get(cell.id) ?? [];
    if (own.length === 0) return cell.y;
    return own.reduce((sum, id) => sum + (heights.get(id)?.y ?? 0), 0) / own.length;
  };
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const isForth = sweep % 2 === 0;
    for (const column of isForth ? columns : columns.toReversed()) {
      const wanted = new Map(
        column.map((cell) => [cell, middle(cell, isForth ? before : behind)] as const),
      );
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      spread(column, wanted);
    }
  }
}

/** Sets the heights wanted, further apart where they would touch, and all of them as near by. */
function spread(column: readonly Cell[], wanted: ReadonlyMap<Cell, number>): void {
  let lowest = -Infinity;
  let moved = 0;
  for (const [index, cell] of column.entries()) {
    const want = wanted.get(cell) ?? 0;
    const isPass = cell.width === 0 && column[index - 1]?.width === 0;
    cell.y = Math.max(want, lowest + (isPass ? passGap : rowGap));
    lowest = cell.y;
    moved += cell.y - want;
  }
  const back = column.length === 0 ? 0 : moved / column.length;
  for (const cell of column) cell.y -= back;
}

/** Where each column begins, and where the last one ends. */
function columnStarts(columns: readonly Cell[][]): readonly number[] {
  const starts = [0];
  for (const [layer, column] of columns.entries()) {
    const width = Math.max(...column.map((cell) => cell.width));
    const gap = layer === columns.length - 1 ? 0 : columnGap;
    starts.push((starts[layer] ?? 0) + width + gap);
  }
  return starts;
}
