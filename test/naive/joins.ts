import {
  changeOf,
  type Due,
  idOf,
  NaiveNode,
  type NaiveKey,
  type NaiveRecord,
  type NaiveRow,
  type NaiveWorld,
  prefixOf,
} from './naive-node.ts';
import { NaiveVersioned } from './tables.ts';
import type { Step } from '../conformance/case-file.ts';

function joined(left: unknown, right: unknown): string {
  return `${String(left)}|${String(right)}`;
}

interface Stored extends NaiveRecord {
  readonly side: number;
  readonly arrival: number;
  isMatched: boolean;
}

/** Left is input 0, right input 1. */
export class NaiveStreamJoin extends NaiveNode {
  private rows: Stored[] = [];
  private refusedLeft: string | null = null;

  constructor(
    step: Step,
    world: NaiveWorld,
    readonly late: NaiveNode | null,
  ) {
    super(step, world);
  }

  /** In a self join a record comes twice, and is dropped if both sides refuse it. */
  process(record: NaiveRecord, side: number): void {
    const refusal = this.take(record, side);
    if (this.step['left'] !== this.step['right']) this.refuse(record, refusal);
    else if (side === 0) this.refusedLeft = refusal;
    else this.refuse(record, refusal === null ? null : this.refusedLeft);
  }

  private refuse(record: NaiveRecord, reason: string | null): void {
    if (reason === null) return;
    this.world.drop(reason);
    if (reason === 'late') this.late?.process(record, 0);
  }

  /** Why the record is refused; null if it is not. */
  private take(record: NaiveRecord, side: number): string | null {
    const { key, value, timestamp } = record;
    const isKeyMissing = key === null && !this.isWanted(side);
    if (value === null) return isKeyMissing ? 'null-key' : 'null-value';
    if (this.streamTimeMs >= this.closeTimeOf(side, timestamp)) return 'late';
    if (isKeyMissing) return 'null-key';
    const row: Stored = { ...record, side, arrival: this.nextArrival(), isMatched: false };
    if (key === null) {
      this.tellUnmatched(row);
      return null;
    }
    const others = this.rows
      .filter((other) => other.side !== side && other.key === key && this.isOpen(other))
      .filter((other) => this.meet(side === 0 ? row : other, side === 0 ? other : row))
      .sort((a, b) => a.timestamp - b.timestamp || a.arrival - b.arrival);
    this.rows.push(row);
    for (const other of others) {
      row.isMatched = true;
      other.isMatched = true;
      const [left, right] = side === 0 ? [row, other] : [other, row];
      const timeMs = Math.max(timestamp, other.timestamp);
      this.forward({ key, value: joined(left.value, right.value), timestamp: timeMs });
    }
    return null;
  }

  override due(): readonly Due[] {
    return this.rows.map((row) => ({
      timeMs: this.closeTimeOf(row.side, row.timestamp),
      key: row.key,
      arrival: row.arrival,
      run: () => {
        this.rows = this.rows.filter((other) => other !== row);
        if (!row.isMatched && this.isWanted(row.side)) this.tellUnmatched(row);
      },
    }));
  }

  private tellUnmatched({ key, side, value, timestamp }: Stored): void {
    const text = side === 0 ? joined(value, null) : joined(null, value);
    this.forward({ key, value: text, timestamp });
  }

  private isWanted(side: number): boolean {
    return this.step['type'] === 'outer' || (this.step['type'] === 'left' && side === 0);
  }

  private isOpen({ side, timestamp }: Stored): boolean {
    return this.streamTimeMs < this.closeTimeOf(side, timestamp);
  }

  private closeTimeOf(side: number, timestamp: number): number {
    return timestamp + this.number(side === 0 ? 'after' : 'before') + 1 + this.number('grace');
  }

  private meet(left: NaiveRecord, right: NaiveRecord): boolean {
    const distanceMs = right.timestamp - left.timestamp;
    return -this.number('before') <= distanceMs && distanceMs <= this.number('after');
  }
}

/** A stream record looks a row up, at once or once its grace is over. */
export class NaiveLookupJoin extends NaiveNode {
  private waiting: (NaiveRecord & { readonly arrival: number })[] = [];

  constructor(
    step: Step,
    world: NaiveWorld,
    private readonly table: NaiveNode,
  ) {
    super(step, world);
  }

  process(record: NaiveRecord): void {
    const { key, value, timestamp } = record;
    if (key === null && !this.isLeft) return this.world.drop('null-key');
    if (value === null) return this.world.drop('null-value');
    const isWaiting = key !== null && timestamp + this.number('grace') > this.streamTimeMs;
    if (isWaiting) this.waiting.push({ ...record, arrival: this.nextArrival() });
    else this.join(record);
  }

  override due(): readonly Due[] {
    return this.waiting.map((record) => ({
      timeMs: record.timestamp + this.number('grace'),
      key: record.key,
      arrival: record.arrival,
      run: () => {
        this.waiting = this.waiting.filter((other) => other !== record);
        this.join(record);
      },
    }));
  }

  private join({ key, value, timestamp }: NaiveRecord): void {
    const row = key === null ? null : this.find(key, timestamp);
    if (row === null && !this.isLeft) return;
    this.forward({ key, value: joined(value, row?.value ?? null), timestamp });
  }

  private find(key: NaiveKey, timestamp: number): NaiveRow | null {
    if (this.table instanceof NaiveVersioned) return this.table.asOf(key, timestamp);
    return this.table.forwarded.get(idOf(key)) ?? null;
  }

  private get isLeft(): boolean {
    return this.step['type'] === 'left';
  }
}

/** Keeps a copy of both sides and of what it said last. */
export class NaiveTableJoin extends NaiveNode {
  /** Both sides change with one record: the left one is told first. */
  hasCommonTable = false;
  private readonly sides = [new Map<string, NaiveRow>(), new Map<string, NaiveRow>()] as const;

  process(record: NaiveRecord, side: number): void {
    if (side === 1 && this.hasCommonTable) this.world.defer(() => this.take(record, side));
    else this.take(record, side);
  }

  private take(record: NaiveRecord, side: number): void {
    const { key, timestamp } = record;
    const { to } = changeOf(record);
    const own = this.sides[side === 0 ? 0 : 1];
    const other = this.sides[side === 0 ? 1 : 0].get(idOf(key)) ?? null;
    if (to === null) own.delete(idOf(key));
    else own.set(idOf(key), { value: to, timestamp });
    const before = this.forwarded.get(idOf(key))?.value ?? null;
    this.change(key, before, this.result(key), Math.max(timestamp, other?.timestamp ?? 0));
  }

  private result(key: NaiveKey): string | null {
    const [left, right] = this.sides.map((side) => side.get(idOf(key))?.value ?? null);
    const { type } = this.step;
    const isThere =
      (left !== null && right !== null) ||
      (type !== 'inner' && left !== null) ||
      (type === 'outer' && right !== null);
    return isThere ? joined(left, right) : null;
  }
}

interface ForeignRow extends NaiveRow {
  readonly key: NaiveKey;
  readonly foreign: string | null;
}

/** Left is input 0: its rows name rows of the right by what stands before the colon. */
export class NaiveForeignKeyJoin extends NaiveNode {
  private readonly left = new Map<string, ForeignRow>();
  private readonly right = new Map<string, NaiveRow>();
  /** Time of the right row that a left row was last joined with. */
  private readonly joinedMs = new Map<string, number>();

  process(record: NaiveRecord, side: number): void {
    if (side === 0) this.leftChange(record);
    else this.rightChange(record);
  }

  private leftChange(record: NaiveRecord): void {
    const { key, timestamp } = record;
    const value = changeOf(record).to;
    if (value === null) {
      this.left.delete(idOf(key));
      return this.tell(key, null, Math.max(timestamp, this.joinedMs.get(idOf(key)) ?? 0));
    }
    const foreign = prefixOf(value as string); // text
    const row = { key, value, timestamp, foreign };
    this.left.set(idOf(key), row);
    if (foreign !== null) return this.join(row, this.right.get(foreign) ?? null, 0);
    if (this.step['type'] === 'inner') this.world.drop('null-foreign-key');
    const isLeft = this.step['type'] === 'left';
    const timeMs = isLeft ? timestamp : Math.max(timestamp, this.joinedMs.get(idOf(key)) ?? 0);
    this.joinedMs.delete(idOf(key));
    this.tell(key, isLeft ? joined(value, null) : null, timeMs);
  }

  private rightChange(record: NaiveRecord): void {
    const { timestamp } = record;
    const { to } = changeOf(record);
    const foreign = record.key as string; // the right table's keys
    if (to === null) this.right.delete(foreign);
    else this.right.set(foreign, { value: to, timestamp });
    const subscribers = [...this.left.values()].filter((row) => row.foreign === foreign);
    subscribers.sort((a, b) => (idOf(a.key) < idOf(b.key) ? -1 : 1));
    for (const row of subscribers) this.join(row, this.right.get(foreign) ?? null, timestamp);
  }

  private join(row: ForeignRow, right: NaiveRow | null, changeMs: number): void {
    const { key, value, timestamp } = row;
    if (right === null) this.joinedMs.delete(idOf(key));
    else this.joinedMs.set(idOf(key), right.timestamp);
    const timeMs = Math.max(timestamp, right?.timestamp ?? changeMs);
    const isThere = right !== null || this.step['type'] === 'left';
    this.tell(key, isThere ? joined(value, right?.value ?? null) : null, timeMs);
  }

  private tell(key: NaiveKey, to: string | null, timestamp: number): void {
    this.change(key, this.forwarded.get(idOf(key))?.value ?? null, to, timestamp);
  }
}
