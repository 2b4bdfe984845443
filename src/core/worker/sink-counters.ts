import type { SinkReading } from '../metrics/worker-reading.ts';
import type { DeliveryStatus } from '../sink/delivery-status.ts';

/** To be added to. */
type SinkSums = { -readonly [Name in keyof SinkReading]: SinkReading[Name] };

/** What sinks were given, over the lives of the tasks that deliver. */
export class SinkCounters {
  private readonly past = new Map<string, SinkSums>();

  /** Of a task that is closed: what it has done counts, nothing waits in it any more. */
  retire(delivery: DeliveryStatus | null): void {
    if (delivery === null) return;
    addTo(this.past, { ...delivery, oldestWaitingMs: null, isApplying: false });
  }

  with(present: readonly (DeliveryStatus | null)[]): readonly SinkReading[] {
    const sums = new Map([...this.past].map(([sink, own]) => [sink, { ...own }]));
    for (const delivery of present) if (delivery !== null) addTo(sums, delivery);
    return [...sums.values()];
  }
}

function addTo(sums: Map<string, SinkSums>, delivery: DeliveryStatus): void {
  const { sink, oldestWaitingMs } = delivery;
  const sum = sums.get(sink) ?? noneOf(sink);
  sums.set(sink, sum);
  sum.rows += delivery.rows;
  sum.batches += delivery.batches;
  sum.duplicates += delivery.duplicates;
  sum.retries += delivery.retries;
  sum.refused += delivery.refused;
  if (delivery.isApplying) sum.applying += 1;
  if (oldestWaitingMs === null) return;
  sum.oldestWaitingMs = Math.max(sum.oldestWaitingMs ?? 0, oldestWaitingMs);
}

function noneOf(sink: string): SinkSums {
  const counts = { rows: 0, batches: 0, duplicates: 0, retries: 0, refused: 0 };
  return { sink, ...counts, oldestWaitingMs: null, applying: 0 };
}
