import type { FetchedPartition, PartitionBatch } from '../log/port.ts';
import { type ErrorPlace, SinkError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Attempts } from './attempts.ts';
import { BatchPlanner, minIntervalMs } from './batch-planner.ts';
import { checksumOf, type DeliveryRow, type Plan, tokenOf } from './delivery-row.ts';
import type { DeliveryStatus } from './delivery-status.ts';
import { type OutboxRow, OutboxRows } from './outbox-rows.ts';
import type { RefusedRows } from './refused-rows.ts';
import { checkPosition, checkRows, type DeliverySite } from './same-history.ts';
import { settledWithin } from './settled-within.ts';
import type { DeliveryPlace, Sink } from './sink.ts';

/** An attempt that was sent may arrive so long after its sender has given it up. */
const maxNetworkDelayMs = 60_000;
/** A batch under way may come to its end when the task is closed. */
const maxCloseMs = 1_000;

export interface DeliveryOptions {
  readonly sink: Sink<never>;
  readonly place: Pick<DeliveryPlace, 'application' | 'partition' | 'partitions'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly sessionTimeoutMs: number;
  /** Monotonic time up to which the group surely counts this worker in. */
  readonly leaseEndsMs: () => number;
  readonly refused: RefusedRows;
  /** For errors. */
  readonly where: ErrorPlace;
  /** Something has happened outside the worker's turns. */
  readonly onReady: () => void;
  readonly onApplied: (rows: number) => void;
}

/**
 * What a delivery is at:
 * - `claiming`: its first commit is to say that it is the owner;
 * - `opening`: it asks the sink how far that is;
 * - `waiting`: for rows, those of a plan that its predecessor has left, or new ones;
 * - `committing`: a plan, or the end of one;
 * - `applying`: a batch is sent, until its outcome is known.
 */
type Phase = 'claiming' | 'opening' | 'waiting' | 'committing' | 'applying';

/** Plans batches of one outbox partition and has them applied one after the other. */
export class Delivery {
  private phase: Phase = 'claiming';
  /** In the commit under way. */
  private next: DeliveryRow | null = null;
  /** Once for each batch: while the group is silent there are no commits. */
  private hasAsked = false;
  private readonly rows: OutboxRows;
  private readonly planner: BatchPlanner;
  private attempts: Attempts | null = null;
  /** Whether the sink keeps a position. */
  private isPositioned = false;
  /** Never rejects. */
  private work: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | null = null;
  private readonly done = { rows: 0, batches: 0, duplicates: 0, refused: 0 };

  constructor(
    private readonly options: DeliveryOptions,
    /** As committed, but that the plan may be applied since. */
    private row: DeliveryRow,
  ) {
    const { sink, runtime } = options;
    this.rows = new OutboxRows(row.position, sink.batches);
    this.planner = new BatchPlanner(sink.batches, runtime.clock);
  }

  /** Null: enough rows wait. */
  fetchPosition(): number | null {
    const { readTo, isFull } = this.rows;
    const needsMore = this.pending !== null && readTo < this.pending.to;
    return isFull && !needsMore ? null : readTo;
  }

  /** How many rows came. */
  enqueue(fetched: FetchedPartition): number {
    const rows = this.rows.add(fetched);
    if (rows > 0) this.planner.rowsCame();
    return rows;
  }

  /** Whether a commit should come at once. Throws what the delivery has failed of. */
  turn(): boolean {
    if (this.failure !== null) throw this.failure.error;
    if (this.phase !== 'waiting') return false;
    const { pending, planner, rows } = this;
    if (pending !== null && planner.refused === null) {
      if (rows.readTo >= pending.to) this.recover(pending);
      return false;
    }
    if (this.hasAsked || !planner.isDue(rows) || !planner.isWhole(rows)) return false;
    this.hasAsked = true;
    return true;
  }

  /** Whether there is, or will be, anything to commit. */
  get isDirty(): boolean {
    if (this.phase !== 'waiting' || this.pending !== null || this.rows.count > 0) return true;
    return this.position !== this.row.position;
  }

  /** What the next commit is to say; null: nothing new. */
  prepare(): DeliveryRow | null {
    const next = this.nextRow();
    if (next === null) return null;
    if (this.phase === 'waiting') this.phase = 'committing';
    this.next = next;
    return next;
  }

  /** Dead letters that go with what `prepare` gave. */
  deadLetters({ plan, isApplied }: DeliveryRow): readonly PartitionBatch[] {
    return plan?.isSkip === true && !isApplied ? this.options.refused.take() : [];
  }

  committed(): void {
    const { next } = this;
    invariant(next !== null, 'Only what was prepared is committed.');
    this.row = next;
    this.next = null;
    if (this.phase === 'claiming') this.open();
    else if (next.plan === null || next.isApplied) this.phase = 'waiting';
    else this.send(next.plan);
  }

  async close(clean: boolean): Promise<void> {
    const { attempts, options } = this;
    if (clean) await settledWithin(this.work, maxCloseMs, options.runtime.scheduler);
    attempts?.stop();
    await this.work;
    await attempts?.close();
  }

  get status(): DeliveryStatus {
    return {
      sink: this.options.sink.name,
      ...this.done,
      retries: this.attempts?.retries ?? 0,
      oldestWaitingMs: this.rows.count > 0 ? this.planner.oldestWaitingMs : null,
      isApplying: this.phase === 'applying',
      lastError: this.attempts?.lastError ?? null,
    };
  }

  /** A plan that is not known to be applied. */
  private get pending(): Plan | null {
    return this.row.isApplied ? null : this.row.plan;
  }

  private nextRow(): DeliveryRow | null {
    const { row, phase } = this;
    const commitNumber = row.commitNumber + 1;
    if (phase === 'claiming') {
      return this.next === null ? { ...row, commitNumber, epoch: row.epoch + 1 } : null;
    }
    if (phase !== 'waiting') return null;
    const plan = this.nextPlan();
    if (plan !== null) {
      // Markers behind the plan before may be read, and purged, already.
      const position = Math.max(row.position, plan.from);
      return { ...row, commitNumber, plan, isApplied: false, position };
    }
    const { position } = this;
    return position === row.position ? null : { ...row, commitNumber, position };
  }

  /** Every row before it is delivered, as far as is known. */
  get position(): number {
    const { row, rows } = this;
    if (this.pending !== null) return row.position;
    if (rows.count === 0) return rows.readTo;
    // Never back: markers behind the plan were passed, and are purged perhaps.
    return Math.max(row.position, row.plan?.to ?? 0);
  }

  private nextPlan(): Plan | null {
    const { planner, rows, row } = this;
    const { refused } = planner;
    if (this.pending !== null && refused === null) return null;
    if (!planner.isDue(rows)) return null;
    const first = rows.first(planner.maxRows);
    const isSkip = refused?.rows === 1;
    const sent = isSkip ? [] : first;
    planner.hasPlanned();
    this.hasAsked = false;
    return {
      seq: (row.plan?.seq ?? 0) + 1,
      from: refused?.from ?? row.plan?.to ?? 0,
      to: (first.at(-1)?.offset ?? 0) + 1,
      rows: sent.length,
      crc32c: checksumOf(sent),
      isSkip,
    };
  }

  private open(): void {
    this.phase = 'opening';
    const { sink, place, runtime, logger, where, sessionTimeoutMs, leaseEndsMs } = this.options;
    const maxSilenceMs = sessionTimeoutMs / 2;
    const { source, epoch } = this.row;
    const attempts = new Attempts({
      sink,
      place: {
        ...place,
        sink: sink.name,
        source,
        epoch,
        maxZombieMs: maxSilenceMs + sink.attemptTimeoutMs + maxNetworkDelayMs,
        minIntervalMs: minIntervalMs(sink.batches),
      },
      runtime,
      logger,
      where,
      mayStartUntilMs: () => leaseEndsMs() - maxSilenceMs,
      checkPosition: (position) => {
        this.isPositioned = true;
        checkPosition(this.row, position, this.site);
      },
    });
    this.attempts = attempts;
    this.begin(async () => {
      await attempts.open();
      this.phase = 'waiting';
    });
  }

  /** Sends the plan that a predecessor has left, with its rows as they are read again. */
  private recover(plan: Plan): void {
    checkRows(plan, this.rowsOf(plan), this.site);
    this.planner.hasPlanned();
    this.send(plan);
  }

  private send(plan: Plan): void {
    const { attempts, row } = this;
    invariant(attempts !== null, 'A sink is opened before it gets a batch.');
    this.phase = 'applying';
    const { from, to } = plan;
    const rows = this.rowsOf(plan);
    const token = tokenOf(row, plan);
    this.begin(async () => {
      try {
        const batch = { token, from, to, rows: rows.map(({ value }) => value) };
        const outcome = await attempts.apply(batch, this.pauseMs);
        if (outcome !== null) this.applied(plan, outcome);
      } catch (error) {
        if (!(error instanceof SinkError) || error.outcome !== 'refused') throw error;
        this.refuse(plan, rows, error);
      }
    });
  }

  /** A system that keeps a position has nothing to remember batches by, and none to forget. */
  private get pauseMs(): number {
    return this.isPositioned ? 0 : this.planner.pauseMs;
  }

  private rowsOf({ to, isSkip }: Plan): readonly OutboxRow[] {
    return isSkip ? [] : this.rows.upTo(to);
  }

  private applied(plan: Plan, outcome: 'applied' | 'duplicate'): void {
    this.row = { ...this.row, isApplied: true };
    this.rows.dropUpTo(plan.to);
    this.planner.hasApplied(this.rows.count > 0);
    this.phase = 'waiting';
    this.done.rows += plan.rows;
    if (plan.rows > 0) this.done.batches += 1;
    if (outcome === 'duplicate') this.done.duplicates += 1;
    this.options.onApplied(plan.rows);
  }

  /** Surely not applied: smaller batches take its place, until the row is found. */
  private refuse(plan: Plan, rows: readonly OutboxRow[], error: SinkError): void {
    const [row] = rows;
    // Without rows nothing can be refused for its content.
    if (row === undefined) throw error;
    if (plan.rows === 1) {
      this.options.refused.add(row, error);
      this.done.refused += 1;
    }
    this.planner.hasRefused(plan);
    this.phase = 'waiting';
  }

  /** Outside the worker's turns; what it fails of, the next turn throws. */
  private begin(work: () => Promise<void>): void {
    this.work = work()
      .catch((error: unknown) => {
        this.failure = { error };
      })
      .then(this.options.onReady);
  }

  private get site(): DeliverySite {
    const { sink, where } = this.options;
    return { sink: sink.name, where };
  }
}
