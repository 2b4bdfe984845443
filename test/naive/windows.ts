import { isTaken, isUnmoved, keyText, shownValue } from './aggregations.ts';
import { emissionOf, type NaiveFolding } from './emission.ts';
import { type Fold, foldOf } from './folds.ts';
import {
  type Due,
  idOf,
  NaiveNode,
  type NaiveRecord,
  type NaiveWindowed,
  type NaiveWorld,
  together,
} from './naive-node.ts';
import type { Step } from '../conformance/case-file.ts';

export interface NaiveWindow {
  readonly kind: string;
  readonly size?: number;
  readonly advance?: number;
  readonly difference?: number;
  readonly gap?: number;
  readonly from?: number;
  readonly unit?: string;
  readonly grace?: number;
}

export interface WindowRow {
  readonly key: NaiveWindowed;
  readonly aggregate: unknown;
  readonly timestamp: number;
}

/** What all windowed aggregations have in common: rows, lateness, emission. */
export abstract class NaiveWindowedAggregation extends NaiveNode {
  protected readonly rows = new Map<string, WindowRow>();
  protected readonly fold: Fold;
  protected readonly window: NaiveWindow;
  protected readonly emission: NaiveFolding;

  constructor(
    step: Step,
    world: NaiveWorld,
    /** Gets what is late. */
    readonly late: NaiveNode | null,
  ) {
    super(step, world);
    this.fold = foldOf(step);
    this.window = step['window'] as NaiveWindow; // as the case format says
    this.emission = emissionOf(this);
  }

  process(record: NaiveRecord, input: number): void {
    if (isTaken(record, this.fold, this.world)) this.accept(record, input);
  }

  protected abstract accept(record: NaiveRecord, input: number): void;

  /** `closeTime`, as the window's kind computes it. */
  abstract closeTimeOf(bounds: { readonly startMs: number; readonly endMs: number }): number;

  protected get graceMs(): number {
    return this.window.grace ?? 0;
  }

  protected get closesOnly(): boolean {
    return this.step['emit'] === 'close';
  }

  protected isOpen(bounds: { readonly startMs: number; readonly endMs: number }): boolean {
    return this.streamTimeMs < this.closeTimeOf(bounds);
  }

  protected refuse(record: NaiveRecord, reason: string): void {
    this.world.drop(reason);
    if (reason === 'late') this.late?.process(record, 0);
  }

  protected store(row: WindowRow, before: WindowRow | null): void {
    if (row.aggregate === null) this.rows.delete(idOf(row.key));
    else this.rows.set(idOf(row.key), row);
    this.emit(row, before);
  }

  protected emit(row: WindowRow, before: WindowRow | null): void {
    if (this.closesOnly) return;
    const from = before === null ? null : this.fold.show(before.aggregate);
    this.emission.change(row.key, from, shownValue(this.fold, row.aggregate), row.timestamp);
  }

  override due(): readonly Due[] {
    const closing = [...this.rows.values()].map(({ key, aggregate, timestamp }) => ({
      timeMs: this.closeTimeOf(key) + this.number('retention'),
      key,
      arrival: 0,
      run: () => {
        this.rows.delete(idOf(key));
        if (this.closesOnly) this.change(key, null, this.fold.show(aggregate), timestamp);
      },
    }));
    return [...this.closingTogether(closing), ...this.emission.due()];
  }

  /** Windows with one end close as one. */
  protected closingTogether(closing: readonly Due[]): readonly Due[] {
    return together(closing);
  }
}

/** Tumbling, hopping, days of UTC and the one that never ends. */
export class NaiveTimeWindows extends NaiveWindowedAggregation {
  protected accept(record: NaiveRecord, input: number): void {
    const { timestamp } = record;
    if (this.window.kind === 'unlimited' && timestamp < (this.window.from ?? 0)) {
      return this.refuse(record, 'before-window');
    }
    const open = this.windowsOf(timestamp).filter((bounds) => this.isOpen(bounds));
    if (open.length === 0) return this.refuse(record, 'late');
    for (const bounds of open) {
      const key = { key: keyText(record.key), ...bounds };
      const before = this.rows.get(idOf(key)) ?? null;
      const aggregate = this.fold.add(before?.aggregate ?? null, record.value as string, input); // text
      if (before !== null && aggregate === before.aggregate && isUnmoved(this.step)) continue;
      const timeMs = Math.max(timestamp, before?.timestamp ?? 0);
      this.store({ key, aggregate, timestamp: timeMs }, before);
    }
  }

  closeTimeOf({ endMs }: { readonly endMs: number }): number {
    return endMs + this.graceMs;
  }

  private windowsOf(timestamp: number) {
    const { kind, from = 0 } = this.window;
    if (kind === 'unlimited') return [{ startMs: from, endMs: Infinity }];
    const dayMs = kind === 'calendar' ? 86_400_000 : 0;
    const size = this.window.size ?? dayMs;
    const every = this.window.advance ?? size;
    const found: { startMs: number; endMs: number }[] = [];
    const least = Math.max(0, Math.floor((timestamp - size) / every) * every);
    for (let startMs = least; startMs <= timestamp; startMs += every) {
      if (timestamp < startMs + size) found.push({ startMs, endMs: startMs + size });
    }
    return found;
  }
}

interface Taken {
  readonly timestamp: number;
  readonly value: string;
  readonly input: number;
}

/** All windows of a key are worked out anew for each record. */
export class NaiveSlidingWindows extends NaiveWindowedAggregation {
  private readonly taken = new Map<string, readonly Taken[]>();

  protected accept(record: NaiveRecord, input: number): void {
    const { timestamp } = record;
    const key = keyText(record.key);
    const all = [
      ...(this.taken.get(key) ?? []),
      { timestamp, value: record.value as string, input },
    ]; // text
    const windows = this.windowsOf(key, all).filter((bounds) => this.isOpen(bounds));
    if (!windows.some((bounds) => holds(bounds, timestamp))) return this.refuse(record, 'late');
    this.taken.set(key, all);
    for (const bounds of windows) {
      const before = this.rows.get(idOf(bounds)) ?? null;
      if (before !== null && !holds(bounds, timestamp)) continue;
      const inside = all.filter((one) => holds(bounds, one.timestamp));
      const aggregate = inside.reduce<unknown>(
        (sum, one) => this.fold.add(sum, one.value, one.input),
        null,
      );
      const timeMs = Math.max(...inside.map((one) => one.timestamp));
      this.store({ key: bounds, aggregate, timestamp: timeMs }, before);
    }
  }

  closeTimeOf({ endMs }: { readonly endMs: number }): number {
    return endMs + this.graceMs;
  }

  private get difference(): number {
    return this.window.difference ?? 0;
  }

  private windowsOf(key: string, taken: readonly Taken[]): readonly NaiveWindowed[] {
    const d = this.difference;
    const before = taken.map(({ timestamp }) => Math.max(0, timestamp - d));
    const after = taken
      .map(({ timestamp }) => timestamp + 1)
      .filter((startMs) =>
        taken.some((one) => holds({ startMs, endMs: startMs + d + 1 }, one.timestamp)),
      );
    const starts = [...new Set([...before, ...after])].sort((a, b) => a - b);
    return starts.map((startMs) => ({ key, startMs, endMs: startMs + d + 1 }));
  }
}

function holds(bounds: { readonly startMs: number; readonly endMs: number }, timeMs: number) {
  return bounds.startMs <= timeMs && timeMs < bounds.endMs;
}

/** Sessions of a key, from the first record to a millisecond behind the last. */
export class NaiveSessionWindows extends NaiveWindowedAggregation {
  protected accept(record: NaiveRecord, input: number): void {
    const { timestamp } = record;
    const key = keyText(record.key);
    const gap = this.window.gap ?? 0;
    const met = [...this.rows.values()]
      .filter(({ key: own }) => own.key === key && this.isOpen(own))
      .filter(({ key: own }) => own.endMs > timestamp - gap && own.startMs <= timestamp + gap)
      .sort((a, b) => a.key.startMs - b.key.startMs);
    if (met.length === 0 && !this.isOpen({ startMs: timestamp, endMs: timestamp + 1 }))
      return this.refuse(record, 'late');
    const merged = met.reduce<unknown>(
      (sum, { aggregate }) => (sum === null ? aggregate : this.fold.merge(sum, aggregate)),
      null,
    );
    const aggregate = this.fold.add(merged, record.value as string, input); // text
    const bounds = {
      key,
      startMs: Math.min(timestamp, ...met.map(({ key: own }) => own.startMs)),
      endMs: Math.max(timestamp + 1, ...met.map(({ key: own }) => own.endMs)),
    };
    const same = met.find((row) => idOf(row.key) === idOf(bounds)) ?? null;
    if (same !== null && aggregate === same.aggregate && isUnmoved(this.step)) return;
    for (const row of met) {
      if (row === same) continue;
      this.store({ ...row, aggregate: null }, row);
    }
    const timeMs = Math.max(timestamp, ...met.map((row) => row.timestamp));
    this.store({ key: bounds, aggregate, timestamp: timeMs }, same);
  }

  closeTimeOf({ endMs }: { readonly endMs: number }): number {
    return endMs + (this.window.gap ?? 0) + this.graceMs;
  }

  /** Sessions close key by key. */
  protected override closingTogether(closing: readonly Due[]): readonly Due[] {
    return closing;
  }
}
