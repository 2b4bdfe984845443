import type { Score } from '../../core/serde/ranking.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { GroupPart } from './group-part.ts';

/** Where something stands in an order: better scores first, then the lesser key. */
export interface Place {
  readonly score: Score;
  /** The encoded key, a character per byte, so that text compares as bytes do. */
  readonly key: string;
}

/**
 * Some neighbouring places of an order, or some neighbouring nodes: of those, each place is a bound
 * that nothing in the child comes before. The first child has no lower bound.
 */
export interface OrderNode {
  readonly places: readonly Place[];
  /** Numbers of the nodes below; none in a leaf. */
  readonly children: readonly number[];
  /** In the root: how many nodes were ever numbered. */
  readonly numbered: number;
}

export type OrderStore<K> = KeyValueStore<GroupPart<K>, OrderNode>;

/** The ordered places of many groups. */
export interface ScoreOrder<K> {
  readonly insert: (group: K, place: Place) => void;
  readonly remove: (group: K, place: Place) => void;
  /** The best `n`, best first. */
  readonly first: (group: K, n: number) => readonly Place[];
}

const maxPlacesPerNode = 32;
const rootNumber = 0;
const none: OrderNode = Object.freeze({ places: [], children: [], numbered: 0 });

export function comparePlaces(a: Place, b: Place): number {
  if (a.score !== b.score) {
    if (a.score > b.score) return -1;
    if (a.score < b.score) return 1;
  }
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/**
 * One B+ tree per group, a row per node: a change touches the few rows on one path, however large
 * the group. Nodes are split when full and go when empty; half-full neighbours are not joined.
 */
export function scoreOrder<K>(store: OrderStore<K>, maxPlaces = maxPlacesPerNode): ScoreOrder<K> {
  const nodes = orderNodes(store, maxPlaces);
  const { read, write, add } = nodes;

  /** The node with the place in it or below; the writing of the node itself is its caller's. */
  const grown = (group: K, node: OrderNode, place: Place): OrderNode => {
    const below = childFor(node, place);
    if (below === null) return withPlace(node, endOf(node, place), place);
    const { index, number } = below;
    const before = read(group, number);
    const child = grown(group, before, place);
    if (child === before) return node;
    if (child.places.length <= maxPlaces) {
      write(group, number, child);
      return node;
    }
    const [left, right] = halves(child);
    write(group, number, left);
    return withPlace(node, index + 1, firstOf(right), add(group, right));
  };

  /** The same without the place; a child without places goes. */
  const shrunk = (group: K, node: OrderNode, place: Place): OrderNode => {
    const below = childFor(node, place);
    if (below === null) {
      const last = endOf(node, place) - 1;
      const own = node.places[last];
      return own === undefined || comparePlaces(own, place) !== 0 ? node : without(node, last);
    }
    const { index, number } = below;
    const before = read(group, number);
    const child = shrunk(group, before, place);
    if (child === before) return node;
    write(group, number, child);
    return child.places.length === 0 ? without(node, index) : node;
  };

  const change = (group: K, place: Place, changed: typeof grown): void => {
    const before = nodes.openRoot(group);
    const root = changed(group, before, place);
    if (root !== before || nodes.hasNumbered(before)) nodes.writeRoot(group, root);
  };
  return {
    insert: (group, place) => change(group, place, grown),
    remove: (group, place) => change(group, place, shrunk),
    first(group, n) {
      const found: Place[] = [];
      const collect = ({ places, children }: OrderNode): void => {
        if (children.length === 0) found.push(...places.slice(0, n - found.length));
        for (const child of children) if (found.length < n) collect(read(group, child));
      };
      collect(read(group, rootNumber));
      return found;
    },
  };
}

function orderNodes<K>(store: OrderStore<K>, maxPlaces: number) {
  // Of the tree being changed: read with its root, written with its root.
  let numbered = 0;
  const at = (group: K, number: number): GroupPart<K> => ({ group, part: String(number) });
  const read = (group: K, number: number): OrderNode => store.get(at(group, number))?.value ?? none;
  const write = (group: K, number: number, node: OrderNode): void => {
    const isGone = node.places.length === 0;
    // An order has no time: what the row of the group is made of tells it.
    store.put(at(group, number), isGone ? null : { value: node, timestamp: 0 });
  };
  const add = (group: K, node: OrderNode): number => {
    numbered += 1;
    write(group, numbered, node);
    return numbered;
  };
  const openRoot = (group: K): OrderNode => {
    const root = read(group, rootNumber);
    numbered = root.numbered;
    return root;
  };
  const hasNumbered = (root: OrderNode): boolean => numbered > root.numbered;
  const writeRoot = (group: K, root: OrderNode): void => {
    if (root.places.length > maxPlaces) {
      const [left, right] = halves(root);
      const places = [firstOf(left), firstOf(right)];
      const children = [add(group, left), add(group, right)];
      return write(group, rootNumber, { places, children, numbered });
    }
    const [only] = root.children;
    if (only !== undefined && root.children.length === 1) {
      const below = read(group, only);
      write(group, only, none);
      return writeRoot(group, below);
    }
    write(group, rootNumber, { ...root, numbered });
  };
  return { read, write, add, openRoot, hasNumbered, writeRoot };
}

/** How many places of the node do not come after the given one. */
function endOf({ places }: OrderNode, place: Place): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isAfter = comparePlaces(places[middle] as Place, place) > 0; // inside the bounds
    if (isAfter) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The child that has the place, or would; null in a leaf. */
function childFor(
  node: OrderNode,
  place: Place,
): { readonly index: number; readonly number: number } | null {
  const index = Math.max(endOf(node, place) - 1, 0);
  const number = node.children[index];
  return number === undefined ? null : { index, number };
}

function withPlace(node: OrderNode, index: number, place: Place, child?: number): OrderNode {
  const places = node.places.toSpliced(index, 0, place);
  return child === undefined
    ? { ...node, places }
    : { ...node, places, children: node.children.toSpliced(index, 0, child) };
}

function without(node: OrderNode, index: number): OrderNode {
  const { children } = node;
  return {
    ...node,
    places: node.places.toSpliced(index, 1),
    children: children.length === 0 ? children : children.toSpliced(index, 1),
  };
}

function halves({ places, children }: OrderNode): readonly [OrderNode, OrderNode] {
  const middle = places.length >>> 1;
  return [
    { places: places.slice(0, middle), children: children.slice(0, middle), numbered: 0 },
    { places: places.slice(middle), children: children.slice(middle), numbered: 0 },
  ];
}

function firstOf({ places }: OrderNode): Place {
  return places[0] as Place; // a half of a full node
}
