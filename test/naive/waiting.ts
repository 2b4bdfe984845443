import type { Step } from '../conformance/case-file.ts';
import { NaiveFolding } from './emission.ts';
import {
  changeOf,
  type Due,
  idOf,
  NaiveNode,
  type NaiveKey,
  type NaiveRecord,
  type NaiveWindowed,
  type NaiveWorld,
  prefixOf,
} from './naive-node.ts';
import type { NaiveWindowedAggregation } from './windows.ts';

/** Each record at its time plus the delay. */
export class NaiveDelay extends NaiveNode {
  private waiting: (NaiveRecord & { readonly arrival: number })[] = [];

  process(record: NaiveRecord): void {
    this.waiting.push({ ...record, arrival: this.nextArrival() });
  }

  override due(): readonly Due[] {
    return this.waiting.map((record) => ({
      timeMs: record.timestamp + this.number('ms'),
      key: record.key,
      arrival: record.arrival,
      run: () => {
        this.waiting = this.waiting.filter((other) => other !== record);
        this.forward(record);
      },
    }));
  }
}

/** Changes of a table wait for a time, or for the close of their window. */
export class NaiveSuppress extends NaiveNode {
  private readonly folding: NaiveFolding;

  constructor(
    step: Step,
    world: NaiveWorld,
    /** The aggregation above, where the close is waited for. */
    aggregation: NaiveWindowedAggregation | null,
  ) {
    super(step, world);
    this.folding = new NaiveFolding(
      this,
      (key, timestamp) =>
        aggregation === null
          ? timestamp + this.number('ms')
          : aggregation.closeTimeOf(key as NaiveWindowed), // a key of that aggregation
    );
  }

  process(record: NaiveRecord): void {
    const { from, to } = changeOf(record);
    this.folding.change(record.key, from, to, record.timestamp);
  }

  override due(): readonly Due[] {
    return this.folding.due();
  }
}

interface Remembered {
  readonly identity: string;
  readonly timestamp: number;
}

/** Remembers what it accepted. */
export class NaiveDeduplicate extends NaiveNode {
  private accepted: Remembered[] = [];

  process(record: NaiveRecord): void {
    const { timestamp } = record;
    const identity = this.identityOf(record);
    if (identity === null) return this.world.drop('null-key');
    const within = this.number('within');
    const grace = this.number('grace', within);
    const nowMs = this.streamTimeMs;
    if (nowMs > timestamp + grace) return this.world.drop('late');
    this.accepted = this.accepted.filter((one) => one.timestamp + within + grace > nowMs);
    const isDuplicate = this.accepted.some(
      (one) => one.identity === identity && Math.abs(timestamp - one.timestamp) < within,
    );
    if (isDuplicate) return this.world.drop('duplicate');
    this.accepted.push({ identity, timestamp });
    this.forward(record);
  }

  private identityOf({ key, value }: NaiveRecord): string | null {
    const text = value as string | null; // of a stream
    if (this.step['by'] === 'value') return text;
    if (this.step['by'] === 'prefix') return prefixOf(text);
    return key === null ? null : idOf(key);
  }
}

/** Forwards what differs from what it forwarded last. */
export class NaiveDistinctUntilChanged extends NaiveNode {
  private readonly last = new Map<string, unknown>();

  process(record: NaiveRecord): void {
    const { key, value } = record;
    if (key === null) return this.world.drop('null-key');
    if ((this.last.get(idOf(key)) ?? null) === value) return;
    this.last.set(idOf(key), value);
    this.forward(record);
  }
}

interface PatternStep {
  readonly as: string;
  readonly prefix: string;
}

interface Event {
  readonly key: NaiveKey;
  readonly value: string;
  readonly timestamp: number;
}

interface Run {
  readonly events: readonly Event[];
  readonly arrival: number;
}

/** Partial matches in arrival order. */
export class NaivePattern extends NaiveNode {
  private runs: Run[] = [];
  private waiting: (NaiveRecord & { readonly arrival: number })[] = [];

  constructor(
    step: Step,
    world: NaiveWorld,
    private readonly timeouts: NaiveNode | null,
  ) {
    super(step, world);
  }

  process(record: NaiveRecord): void {
    if (record.key === null) return this.world.drop('null-key');
    if (record.value === null) return this.world.drop('null-value');
    const grace = this.step['grace'];
    if (grace === undefined) return this.offer(record);
    const dueMs = record.timestamp + Number(grace);
    if (this.streamTimeMs > dueMs) return this.world.drop('late');
    this.waiting.push({ ...record, arrival: this.nextArrival() });
  }

  override due(): readonly Due[] {
    const endMs = this.number('within') + 1 + this.number('grace');
    const ending = this.runs.map((run) => ({
      timeMs: (run.events[0]?.timestamp ?? 0) + endMs,
      key: run.events[0]?.key ?? null,
      arrival: run.arrival,
      run: () => {
        this.end(run);
        const timeMs = (run.events[0]?.timestamp ?? 0) + this.number('within');
        if (this.timeouts !== null) this.tell(run.events, timeMs, this.timeouts);
      },
    }));
    const coming = this.waiting.map((record) => ({
      timeMs: record.timestamp + this.number('grace'),
      key: record.key,
      arrival: record.arrival,
      run: () => {
        this.waiting = this.waiting.filter((other) => other !== record);
        this.offer(record);
      },
    }));
    return [...coming, ...ending];
  }

  private offer({ key, value, timestamp }: NaiveRecord): void {
    const event: Event = { key, value: value as string, timestamp }; // checked by `process`
    const isOverlapping = this.step['overlap'] === true;
    for (const run of this.runs.filter((own) => idOf(own.events[0]?.key ?? null) === idOf(key))) {
      if (!this.takes(run.events, event)) continue;
      const events = [...run.events, event];
      if (events.length < this.steps.length) {
        this.runs = this.runs.map((own) => (own === run ? { ...run, events } : own));
        continue;
      }
      this.complete(run, events, isOverlapping);
      if (!isOverlapping) return;
    }
    if (!this.fits(0, event)) return;
    if (this.steps.length === 1) return this.tell([event], timestamp, null);
    this.start(event);
  }

  private complete(run: Run, events: readonly Event[], isOverlapping: boolean): void {
    const key = idOf(events[0]?.key ?? null);
    if (isOverlapping) this.end(run);
    else this.runs = this.runs.filter((own) => idOf(own.events[0]?.key ?? null) !== key);
    this.tell(events, Math.max(...events.map(({ timestamp }) => timestamp)), null);
  }

  private start(event: Event): void {
    const own = this.runs.filter((run) => idOf(run.events[0]?.key ?? null) === idOf(event.key));
    const [oldest] = own;
    if (oldest !== undefined && own.length >= this.number('maxRuns', 100)) {
      this.end(oldest);
      this.world.drop('run-limit');
    }
    this.runs.push({ events: [event], arrival: this.nextArrival() });
  }

  private takes(events: readonly Event[], event: Event): boolean {
    const firstMs = events[0]?.timestamp ?? 0;
    const isInside =
      firstMs <= event.timestamp && event.timestamp <= firstMs + this.number('within');
    return isInside && this.fits(events.length, event);
  }

  private fits(index: number, { value }: Event): boolean {
    return value.startsWith(this.steps[index]?.prefix ?? '\0');
  }

  private get steps(): readonly PatternStep[] {
    return this.step['steps'] as readonly PatternStep[]; // as the case format says
  }

  private end(run: Run): void {
    this.runs = this.runs.filter((own) => own !== run);
  }

  private tell(events: readonly Event[], timestamp: number, to: NaiveNode | null): void {
    const key = events[0]?.key ?? null;
    const record = { key, value: `[${events.map(({ value }) => value).join(',')}]`, timestamp };
    if (to === null) this.forward(record);
    else to.process(record, 0);
  }
}

/** A periodic schedule: the greatest multiple passed, once. */
export class NaiveTicks extends NaiveNode {
  private nextMs: number | null = null;

  process(): void {}

  override due(limitMs: number): readonly Due[] {
    // The first record says where the grid begins.
    this.nextMs ??= this.above(this.streamTimeMs < 0 ? limitMs : this.streamTimeMs);
    if (this.nextMs > limitMs) return [];
    const nextMs = this.nextMs;
    const every = this.number('every');
    const timeMs = Math.floor(limitMs / every) * every;
    const missed = (timeMs - nextMs) / every;
    return [
      {
        timeMs,
        key: null,
        arrival: 0,
        run: () => {
          this.nextMs = timeMs + every;
          const value = `tick ${timeMs}${missed === 0 ? '' : ` missed ${missed}`}`;
          this.forward({ key: null, value, timestamp: timeMs });
        },
      },
    ];
  }

  private above(timeMs: number): number {
    const every = this.number('every');
    return Math.floor(timeMs / every) * every + every;
  }
}
