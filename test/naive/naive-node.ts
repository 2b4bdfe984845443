import type { Step } from '../conformance/case-file.ts';

export interface NaiveWindowed {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type NaiveKey = string | null | NaiveWindowed;

export interface NaiveRecord {
  readonly key: NaiveKey;
  /** Text or null; of a table a `NaiveChange`; of a grouped table a `NaivePair`. */
  readonly value: unknown;
  readonly timestamp: number;
}

/** A table's record. */
export interface NaiveChange {
  readonly from: unknown;
  readonly to: unknown;
}

export interface NaiveRow {
  readonly value: unknown;
  readonly timestamp: number;
}

/** Something a node has to do once stream time reaches a moment. */
export interface Due {
  readonly timeMs: number;
  /** Orders what is due at one time at one node; null first. */
  readonly key: NaiveKey;
  readonly arrival: number;
  run(): void;
}

/** What is due at one time as one: what it makes due below waits until all of it is told. */
export function together(due: readonly Due[]): readonly Due[] {
  const byTime = new Map<number, Due[]>();
  for (const one of due) byTime.set(one.timeMs, [...(byTime.get(one.timeMs) ?? []), one]);
  return [...byTime].map(([timeMs, ones]) => ({
    timeMs,
    key: null,
    arrival: 0,
    run: () => {
      ones.sort((a, b) => compareKeys(a.key, b.key) || a.arrival - b.arrival);
      for (const one of ones) one.run();
    },
  }));
}

/** What stays connected when lookups are cut off. */
export interface Domain {
  streamTimeMs: number;
  readonly nodes: NaiveNode[];
}

/** What the nodes of one interpretation share. */
export interface NaiveWorld {
  drop(reason: string): void;
  /** Runs once the record or timer is done with. */
  defer(run: () => void): void;
  output(topic: string, record: NaiveRecord): void;
}

/** A node of a naive topology: no store, no timer service, nothing kept but what it says. */
export abstract class NaiveNode {
  readonly children: { readonly node: NaiveNode; readonly input: number }[] = [];
  domain: Domain = { streamTimeMs: -1, nodes: [] };
  /** Rows as last forwarded, where the node is a table. */
  readonly forwarded = new Map<string, NaiveRow>();
  private arrivals = 0;

  constructor(
    readonly step: Step,
    readonly world: NaiveWorld,
  ) {}

  /** `input` tells the parents of a join apart. */
  abstract process(record: NaiveRecord, input: number): void;

  /** All that waits for a time up to the limit, in any order. */
  due(_limitMs: number): readonly Due[] {
    return [];
  }

  forward(record: NaiveRecord, to?: NaiveNode): void {
    for (const { node, input } of this.children) {
      if (to === undefined || to === node) node.process(record, input);
    }
  }

  /** A change of a table; from nothing to nothing is none. */
  change(key: NaiveKey, from: unknown, to: unknown, timestamp: number): void {
    if (from === null && to === null) return;
    if (to === null) this.forwarded.delete(idOf(key));
    else this.forwarded.set(idOf(key), { value: to, timestamp });
    this.forward({ key, value: { from, to } satisfies NaiveChange, timestamp });
  }

  get streamTimeMs(): number {
    return this.domain.streamTimeMs;
  }

  nextArrival(): number {
    this.arrivals += 1;
    return this.arrivals;
  }

  number(field: string, otherwise = 0): number {
    return Number(this.step[field] ?? otherwise);
  }
}

/** Something that passes records on, changed or not. */
export class NaiveStateless extends NaiveNode {
  constructor(
    step: Step,
    world: NaiveWorld,
    private readonly each: (record: NaiveRecord, node: NaiveNode) => void,
  ) {
    super(step, world);
  }

  process(record: NaiveRecord): void {
    this.each(record, this);
  }
}

export function idOf(key: NaiveKey): string {
  return JSON.stringify(key);
}

/** Null first, then by encoded key, then by the window. */
export function compareKeys(a: NaiveKey, b: NaiveKey): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  const [left, right] = [partsOf(a), partsOf(b)];
  const byKey = Buffer.compare(Buffer.from(left.key), Buffer.from(right.key));
  return byKey !== 0 ? byKey : left.startMs - right.startMs || left.endMs - right.endMs;
}

function partsOf(key: string | NaiveWindowed): NaiveWindowed {
  return typeof key === 'string' ? { key, startMs: 0, endMs: 0 } : key;
}

export function changeOf({ value }: NaiveRecord): NaiveChange {
  return value as NaiveChange; // parents of tables forward nothing else
}

/** The part before the first colon. */
export function prefixOf(value: string | null): string | null {
  const colon = value?.indexOf(':') ?? -1;
  return value === null || colon < 0 ? null : value.slice(0, colon);
}
