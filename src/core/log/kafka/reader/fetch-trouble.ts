import { LogError } from '../../../model/errors.ts';
import type { Runtime, ScheduledCall } from '../../../runtime/runtime.ts';
import type { Connections } from '../connections/connections.ts';
import { asRetriable } from './errors.ts';
import type { FetchSlot } from './fetch-slot.ts';

const firstDelayMs = 50;
const maxDelayMs = 1000;
/** How long a partition may be in trouble before its owner is told. */
const maxTroubleMs = 30_000;
/** A topic that was just made is not known to every broker at once. */
const maxMissingMs = 3000;

/** Lets partitions that cannot be read rest, and has their leaders looked up again. */
export class FetchTrouble {
  private readonly resting = new Map<FetchSlot, ScheduledCall>();

  constructor(
    private readonly connections: Connections,
    private readonly runtime: Runtime,
    private readonly onRested: () => void,
  ) {}

  /** The slot stays busy until it has rested, unless the error is for its owner. */
  add(slot: FetchSlot, error: unknown): void {
    const nowMs = this.runtime.clock.monotonicTimeMs();
    const { sinceMs, attempts } = slot.trouble ?? { sinceMs: nowMs, attempts: 0 };
    slot.leader = null;
    slot.runsAhead = false;
    this.connections.forgetLeaders([slot.place.topic]);
    if (!(error instanceof LogError) || nowMs - sinceMs >= maxMsOf(error)) {
      slot.trouble = null;
      slot.isBusy = false;
      slot.failure = error instanceof LogError ? asRetriable(error) : error;
      return;
    }
    slot.trouble = { sinceMs, attempts: attempts + 1 };
    slot.isBusy = true;
    this.rest(slot, Math.min(firstDelayMs * 2 ** attempts, maxDelayMs));
  }

  close(): void {
    for (const call of this.resting.values()) call.cancel();
    this.resting.clear();
  }

  private rest(slot: FetchSlot, delayMs: number): void {
    const call = this.runtime.scheduler.after(
      delayMs,
      () => {
        this.resting.delete(slot);
        slot.isBusy = false;
        this.onRested();
      },
      true,
    );
    this.resting.set(slot, call);
  }
}

/** How long it is worth trying. */
function maxMsOf(error: LogError): number {
  if (error.code === 'TOPIC_MISSING') return maxMissingMs;
  return error.errorClass === 'fatal' ? 0 : maxTroubleMs;
}
