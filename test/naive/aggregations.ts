import { emissionOf, type NaiveFolding } from './emission.ts';
import { type Fold, foldOf, listOf, scoreOf } from './folds.ts';
import {
  type Due,
  idOf,
  type NaiveKey,
  NaiveNode,
  type NaiveRecord,
  type NaiveRow,
  type NaiveWorld,
} from './naive-node.ts';
import type { Step } from '../conformance/case-file.ts';

/** What aggregations refuse. False: it is dropped. */
export function isTaken({ key, value }: NaiveRecord, fold: Fold, world: NaiveWorld): boolean {
  if (key === null) world.drop('null-key');
  else if (value === null || !fold.takes(value as string)) world.drop('null-value');
  else return true;
  return false;
}

/** One row per key. */
export class NaiveAggregation extends NaiveNode {
  private readonly rows = new Map<string, NaiveRow>();
  private readonly emission: NaiveFolding;
  private readonly fold: Fold;

  constructor(step: Step, world: NaiveWorld) {
    super(step, world);
    this.emission = emissionOf(this);
    this.fold = foldOf(step);
  }

  process(record: NaiveRecord, input: number): void {
    if (!isTaken(record, this.fold, this.world)) return;
    const { key, timestamp } = record;
    const row = this.rows.get(idOf(key)) ?? null;
    const aggregate = this.fold.add(row?.value ?? null, record.value as string, input); // text
    if (row !== null && aggregate === row.value && isUnmoved(this.step)) return;
    const timeMs = Math.max(timestamp, row?.timestamp ?? 0);
    if (aggregate === null) this.rows.delete(idOf(key));
    else this.rows.set(idOf(key), { value: aggregate, timestamp: timeMs });
    this.emission.change(key, shown(this.fold, row), shownValue(this.fold, aggregate), timeMs);
  }

  override due(): readonly Due[] {
    return this.emission.due();
  }
}

/** Where a record that changes nothing leaves even the time of the row. */
export function isUnmoved({ op }: Step): boolean {
  return op === 'countDistinct' || op === 'topN';
}

function shown(fold: Fold, row: NaiveRow | null): string | null {
  return row === null ? null : fold.show(row.value);
}

export function shownValue(fold: Fold, aggregate: unknown): string | null {
  return aggregate === null ? null : fold.show(aggregate);
}

/** What a row of a table was and is, under the key of its group. */
export interface NaivePair {
  readonly primary: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** An aggregation of a grouped table: takes back what was, adds what is. */
export class NaiveTableAggregation extends NaiveNode {
  private readonly rows = new Map<string, NaiveRow>();
  private readonly emission: NaiveFolding;

  constructor(step: Step, world: NaiveWorld) {
    super(step, world);
    this.emission = emissionOf(this);
  }

  process({ key, value, timestamp }: NaiveRecord): void {
    const pair = value as NaivePair; // of the repartition in front
    const row = this.rows.get(idOf(key)) ?? null;
    const next = this.step.op === 'topN' ? ranked(row, pair) : this.combined(row, pair);
    const isSame = this.step.op === 'topN' && this.show(next) === this.show(row?.value ?? null);
    const timeMs = isSame ? (row?.timestamp ?? 0) : Math.max(timestamp, row?.timestamp ?? 0);
    if (next === null) this.rows.delete(idOf(key));
    else this.rows.set(idOf(key), { value: next, timestamp: timeMs });
    if (isSame) return;
    this.emission.change(key, this.show(row?.value ?? null), this.show(next), timeMs);
  }

  override due(): readonly Due[] {
    return this.emission.due();
  }

  private combined(row: NaiveRow | null, { from, to }: NaivePair): unknown {
    let aggregate: unknown = row?.value ?? null;
    if (aggregate !== null && from !== null) aggregate = this.apply(aggregate, from, '-');
    if (to !== null) aggregate = this.apply(aggregate, to, '+');
    return aggregate;
  }

  private apply(aggregate: unknown, value: string, sign: '+' | '-'): unknown {
    const { op, fn } = this.step;
    const one = op === 'count' ? 1 : Number(value);
    if (op === 'count' || fn === 'sum') return Number(aggregate ?? 0) + (sign === '+' ? one : -one);
    if (op === 'reduce' && aggregate === null) return value;
    return `${String(aggregate ?? '')}${sign}${value}`;
  }

  private show(aggregate: unknown): string | null {
    if (aggregate === null) return null;
    if (this.step.op !== 'topN') return String(aggregate);
    return `[${listOf(aggregate).slice(0, this.number('n')).join(',')}]`;
  }
}

/** All rows of the group as primary key and value, best first. */
function ranked(row: NaiveRow | null, { primary, from, to }: NaivePair): readonly string[] | null {
  const others = listOf(row?.value).filter((shown) => from === null || shown !== primary + from);
  const all = to === null ? others : [...others, primary + to];
  const sorted = [...all].sort((a, b) => scoreOfShown(b) - scoreOfShown(a) || (a < b ? -1 : 1));
  return sorted.length === 0 ? null : sorted;
}

/** Primary keys have no digits. */
function scoreOfShown(shown: string): number {
  return scoreOf(shown.replace(/^[a-z]+/, ''));
}

export function keyText(key: NaiveKey): string {
  return key as string; // of records that windows take
}
