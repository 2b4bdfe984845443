import { invariant } from '../../../model/invariant.ts';
import type { Runtime, ScheduledCall } from '../../../runtime/runtime.ts';
import { createDeferred, type Deferred } from '../../group/deferred.ts';
import { logClosed } from '../../log-errors.ts';
import { partitionName } from '../../partition-name.ts';
import type {
  FetchedPartition,
  FetchOptions,
  FetchRequest,
  Reader,
  ReaderOptions,
} from '../../port.ts';
import { createDecompress } from '../../record-batch/decompress.ts';
import type { Connections } from '../connections/connections.ts';
import { FetchLoop, type Wanted } from './fetch-loop.ts';
import { FetchSlot } from './fetch-slot.ts';

/** After this time a fetch does not wait for brokers any longer that have not said a word. */
const patienceMs = 1000;
/** While nothing can be asked, the answer takes this long: a caller may ask again and again. */
const restMs = 10;
/** What was not asked for in this time is forgotten, and what was read ahead of it. */
const maxIdleMs = 10_000;

/** Reads with connections of its own, which it closes. */
export function kafkaReader(
  connections: Connections,
  runtime: Runtime,
  options: ReaderOptions,
): Reader {
  return new KafkaReader(connections, runtime, options);
}

interface PendingFetch {
  readonly number: number;
  readonly slots: readonly FetchSlot[];
  readonly endMs: number;
  readonly answer: Deferred<readonly FetchedPartition[]>;
  readonly timers: ScheduledCall[];
  /** Its time is over. */
  isDue: boolean;
  isPatient: boolean;
  hasRested: boolean;
}

class KafkaReader implements Reader {
  private readonly slots = new Map<string, FetchSlot>();
  private readonly loop: FetchLoop;
  private pending: PendingFetch | null = null;
  private wanted: Wanted = { number: 0, slots: new Set(), endMs: 0, maxPartitionBytes: 0 };
  private isClosed = false;

  constructor(
    private readonly connections: Connections,
    private readonly runtime: Runtime,
    options: ReaderOptions,
  ) {
    this.loop = new FetchLoop({
      ...options,
      connections,
      runtime,
      decompress: createDecompress(),
      slots: this.slots,
      wanted: () => this.wanted,
      onChange: () => this.settle(),
    });
  }

  async fetch(
    requests: readonly FetchRequest[],
    { maxWaitMs, maxPartitionBytes }: FetchOptions,
  ): Promise<readonly FetchedPartition[]> {
    if (this.isClosed) throw logClosed();
    invariant(this.pending === null, 'A reader fetches one thing at a time.');
    const nowMs = this.runtime.clock.monotonicTimeMs();
    const slots = requests.map((request) => this.slotOf(request, nowMs));
    this.forgetIdle(nowMs);
    const number = this.wanted.number + 1;
    const endMs = nowMs + maxWaitMs;
    this.wanted = { number, slots: new Set(slots), endMs, maxPartitionBytes };
    const pending: PendingFetch = {
      number,
      slots,
      endMs,
      answer: createDeferred(),
      timers: [],
      isDue: maxWaitMs <= 0,
      isPatient: true,
      hasRested: false,
    };
    this.pending = pending;
    this.settle();
    if (this.pending === pending) {
      this.startTimers(pending, maxWaitMs);
      this.loop.pump();
    }
    return pending.answer.promise;
  }

  wakeUp(): void {
    if (this.pending !== null) this.resolve(this.pending);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.loop.close();
    this.reject(logClosed());
    this.slots.clear();
    await this.connections.close();
  }

  private slotOf({ topic, partition, offset }: FetchRequest, nowMs: number): FetchSlot {
    const place = { topic, partition };
    const name = partitionName(place);
    const slot = this.slots.get(name) ?? new FetchSlot(place, offset);
    this.slots.set(name, slot);
    slot.moveTo(offset);
    slot.askedAtMs = nowMs;
    return slot;
  }

  private forgetIdle(nowMs: number): void {
    for (const [name, slot] of this.slots) {
      if (nowMs - slot.askedAtMs > maxIdleMs) this.slots.delete(name);
    }
  }

  private startTimers(pending: PendingFetch, maxWaitMs: number): void {
    const { scheduler } = this.runtime;
    const after = (delayMs: number, change: () => void): void => {
      const call = (): void => {
        change();
        this.settle();
      };
      pending.timers.push(scheduler.after(delayMs, call, true));
    };
    after(restMs, () => {
      pending.hasRested = true;
    });
    after(patienceMs, () => {
      pending.isPatient = false;
    });
    if (pending.isDue) return;
    after(maxWaitMs, () => {
      pending.isDue = true;
    });
  }

  /** Ends the fetch if nothing more is worth waiting for. */
  private settle(): void {
    const { pending } = this;
    if (pending === null) return;
    const failed = pending.slots.find(({ failure }) => failure !== null);
    if (failed !== undefined) {
      const { failure } = failed;
      failed.failure = null;
      this.reject(failure);
    } else if (isReady(pending)) this.resolve(pending);
  }

  private resolve({ number, slots, answer }: PendingFetch): void {
    this.end();
    answer.resolve(slots.map((slot) => slot.peek(number)));
    for (const slot of new Set(slots)) if (slot.hasProgress) slot.advance(number);
    this.loop.pump();
  }

  private reject(error: unknown): void {
    const { pending } = this;
    this.end();
    pending?.answer.reject(error);
  }

  private end(): void {
    for (const timer of this.pending?.timers ?? []) timer.cancel();
    this.pending = null;
    this.wanted = { ...this.wanted, slots: new Set() };
  }
}

function isReady({ number, slots, isDue, isPatient, hasRested }: PendingFetch): boolean {
  const isKnown = (slot: FetchSlot): boolean => slot.ends !== null || slot.trouble !== null;
  if (slots.some(({ hasData }) => hasData)) return !isPatient || slots.every(isKnown);
  if (isDue && !isPatient) return true;
  // An answer to an earlier question does not tell that there is nothing now.
  const isAnswered = (slot: FetchSlot): boolean => slot.answeredIn === number;
  if (!slots.every((slot) => isAnswered(slot) || slot.trouble !== null)) return false;
  if (slots.some(({ hasProgress }) => hasProgress)) return true;
  return isDue && (hasRested || slots.some(isAnswered));
}
