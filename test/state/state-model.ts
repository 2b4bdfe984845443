import fc from 'fast-check';
import { expect } from 'vitest';
import type { MaybePromise } from '../../src/core/model/maybe-promise.ts';
import type { StateBackend, LocalState } from '../../src/core/task/state-port.ts';
import type { KeyValueStore, WindowStore } from '../../src/state/store.ts';
import { counts, drained, entriesOf, openOptions, positionOf, totals } from './support.ts';

/** Few keys and windows, so that they collide; keys that need escaping or are no safe names. */
const keys = [
  'a',
  'ab',
  '',
  '\0',
  'a\0',
  'a\0\u00ff',
  '\u00ff',
  '\u{1f600}',
  '\ufffd',
  '__proto__',
];
// Two of them often, so that the same row is in two intervals.
const key = fc.oneof(fc.constantFrom('a', 'ab'), fc.constantFrom(...keys));
const endMs = fc.constantFrom(10, 20, 2 ** 33);
const startMs = fc.constantFrom(0, 5);
const value = fc.nat(5);

export type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: number | null }
  | { readonly do: 'get'; readonly key: string }
  | {
      readonly do: 'put-window' | 'remove-window' | 'get-window';
      readonly key: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly value: number | null;
    }
  | { readonly do: 'put-raw'; readonly key: string; readonly value: number | null }
  | { readonly do: 'scan'; readonly gteEndMs: number; readonly ltEndMs: number }
  | {
      readonly do:
        'drain' | 'write' | 'hand-over' | 'forget' | 'savepoint' | 'roll-back' | 'release';
    };

const window = fc.record({ key, startMs, endMs, value: fc.option(value) });
const control = fc
  .constantFrom('drain', 'write', 'hand-over', 'forget', 'savepoint', 'roll-back', 'release')
  .map((name) => ({ do: name }) as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ key, value: fc.option(value) }).map((rest) => ({ do: 'put', ...rest }) as const),
  key.map((key) => ({ do: 'get', key }) as const),
  window.map((rest) => ({ do: 'put-window', ...rest }) as const),
  window.map((rest) => ({ do: 'remove-window', ...rest }) as const),
  window.map((rest) => ({ do: 'get-window', ...rest }) as const),
  fc.record({ key, value: fc.option(value) }).map((rest) => ({ do: 'put-raw', ...rest }) as const),
  fc
    .record({
      gteEndMs: fc.constantFrom(0, 10, 11, 20),
      ltEndMs: fc.constantFrom(10, 20, 21, 2 ** 34),
    })
    .map((range) => ({ do: 'scan', ...range }) as const),
  { weight: 3, arbitrary: control },
);
export const steps = fc.array(step, { maxLength: 60 });

/** The naive state: sorted on demand, copied whole for a savepoint. */
interface Model {
  rows: Map<string, number>;
  put: Set<string>;
}

const kv = (key: string) => `k ${Buffer.from(key).toString('hex')}`;
const raw = (key: string) => `r ${Buffer.from(key).toString('hex')}`;
const hex = (time: number) => time.toString(16).padStart(16, '0');
// `!` sorts before every hexadecimal digit: a key goes before the keys it is a prefix of.
const win = (key: string, startMs: number, endMs: number) =>
  `w ${hex(endMs)} ${Buffer.from(key).toString('hex')}! ${hex(startMs)}`;

const copy = ({ rows, put }: Model): Model => ({ rows: new Map(rows), put: new Set(put) });

/** Runs the steps on a state and on the model; every answer must agree. */
export async function compareWithModel(backend: StateBackend, run: readonly Step[]): Promise<void> {
  const state = await backend.open({ ...openOptions, maxCacheBytes: 1500 });
  const player = new Player(state);
  for (const step of run) await player.play(step);
  await player.check();
  await state.close({ clean: true });
}

class Player {
  /** What a failure leads back to. */
  private acknowledged: Model = { rows: new Map(), put: new Set() };
  /** The same, and what was drained since: where the interval began. */
  private drained: Model = copy(this.acknowledged);
  private model: Model = copy(this.drained);
  private isUnderWay = false;
  private handedOver: MaybePromise<void> = undefined;
  private saved: { readonly model: Model; readonly id: number } | null = null;
  private commits = 0;
  private readonly totals: KeyValueStore<string, string>;
  private readonly counts: WindowStore<string, number>;

  constructor(private readonly state: LocalState) {
    this.totals = state.store(totals);
    this.counts = state.store(counts);
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'put': {
        const { key, value } = step;
        this.set(kv(key), value, true);
        this.totals.put(key, value === null ? null : { value: String(value), timestamp: value });
        return;
      }
      case 'get': {
        const value = this.model.rows.get(kv(step.key));
        expect(this.totals.get(step.key)).toEqual(
          value === undefined ? undefined : { value: String(value), timestamp: value },
        );
        const before = this.drained.rows.get(kv(step.key));
        expect(this.totals.committed(step.key)?.timestamp).toBe(before);
        return;
      }
      case 'put-window': {
        const { key, startMs, endMs, value } = step;
        this.set(win(key, startMs, endMs), value, true);
        this.counts.put(key, startMs, endMs, value === null ? null : { value, timestamp: value });
        return;
      }
      case 'remove-window': {
        const { key, startMs, endMs } = step;
        this.set(win(key, startMs, endMs), null, false);
        this.counts.remove(key, startMs, endMs);
        return;
      }
      case 'get-window': {
        const { key, startMs, endMs } = step;
        const id = win(key, startMs, endMs);
        expect(this.counts.get(key, startMs, endMs)?.value).toBe(this.model.rows.get(id));
        expect(this.counts.isDirty(key, startMs, endMs)).toBe(this.model.put.has(id));
        return;
      }
      case 'put-raw': {
        const { key, value } = step;
        this.set(raw(key), value, true);
        this.state.raw('timers').put(Buffer.from(key), value === null ? null : Buffer.of(value));
        return;
      }
      case 'scan':
        return this.scan(step.gteEndMs, step.ltEndMs);
      case 'drain':
        return this.drain();
      case 'write':
      case 'hand-over':
        if (!this.isUnderWay) await this.drain();
        this.handOver();
        if (step.do === 'write') await this.handedOver;
        return;
      case 'forget':
        return this.forget();
      case 'savepoint':
        this.saved ??= { model: copy(this.model), id: this.state.savepoint() };
        return;
      case 'roll-back':
        if (this.saved === null) return;
        this.state.rollbackTo(this.saved.id);
        this.model = this.saved.model;
        this.saved = null;
        return;
      case 'release':
        if (this.saved !== null) this.state.release(this.saved.id);
        this.saved = null;
    }
  }

  async check(): Promise<void> {
    await this.scan(0, Number.MAX_SAFE_INTEGER);
    const all = await entriesOf(this.totals, {});
    expect(all.map(([key]) => kv(key))).toEqual(this.ids('k '));
    const timers = await entriesOf(this.state.raw('timers'), {});
    const found = timers.map(([key]) => `r ${Buffer.from(key).toString('hex')}`);
    expect(found).toEqual(this.ids('r '));
    const told: string[] = [];
    this.totals.changes((key) => told.push(kv(key)));
    this.counts.changes(({ key, startMs, endMs }) => told.push(win(key, startMs, endMs)));
    const put = [...this.model.put].filter((id) => !id.startsWith('r'));
    expect(told.sort()).toEqual(put.sort());
  }

  private async scan(gteEndMs: number, ltEndMs: number): Promise<void> {
    const found = await entriesOf(this.counts, { gteEndMs, ltEndMs });
    const expected = this.ids('w ')
      .filter((id) => id >= `w ${hex(gteEndMs)}` && id < `w ${hex(ltEndMs)}`)
      .map((id) => [id, this.model.rows.get(id)]);
    expect(
      found.map(([{ key, startMs, endMs }, { value }]) => [win(key, startMs, endMs), value]),
    ).toEqual(expected);
  }

  private forget(): void {
    this.state.forget();
    this.model = copy(this.acknowledged);
    this.drained = copy(this.acknowledged);
    this.isUnderWay = false;
    this.saved = null;
  }

  /** Ends the interval; the next begins before this one is written. */
  private async drain(): Promise<void> {
    if (this.isUnderWay) this.handOver();
    await this.handedOver;
    this.saved = null;
    await this.check();
    const before = this.state.position;
    const dirty = drained(this.state);
    expect(new Set(dirty.map(([store, key]) => `${store} ${key}`)).size).toBe(dirty.length);
    this.model.put.clear();
    this.drained = copy(this.model);
    this.isUnderWay = true;
    expect(this.state.position).toEqual(before);
    expect(this.state.dirtyBytes).toBe(0);
  }

  /** The log has said yes; reads and writes go on while the batch is on its way to the disk. */
  private handOver(): void {
    this.handedOver = this.state.write(positionOf(++this.commits));
    this.acknowledged = copy(this.drained);
    this.isUnderWay = false;
    expect(this.state.position).toEqual(positionOf(this.commits));
  }

  private ids(prefix: string): string[] {
    return [...this.model.rows.keys()].filter((id) => id.startsWith(prefix)).sort();
  }

  private set(id: string, value: number | null, isPut: boolean): void {
    if (value === null) this.model.rows.delete(id);
    else this.model.rows.set(id, value);
    if (isPut) this.model.put.add(id);
    else this.model.put.delete(id);
  }
}
