import type { TimeWindows, Windowed } from '../../core/model/windows.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import type { WindowStore } from '../../state/store.ts';
import type { RowsOptions } from './stores.ts';

/** A windowed aggregation as its emission sees it. */
export interface WindowRows<K, V> extends RowsOptions<K, V> {
  readonly rows: StoreDefinition<WindowStore<K, V>>;
  readonly windows: TimeWindows;
  /** How long after its close a row is kept. */
  readonly retentionMs: number;
}

type TimerContext = Pick<ProcessorContext<never, never>, 'schedule'>;

/** One timer serves all windows with one end. */
export function scheduleForEnd(
  context: TimerContext,
  name: 'close' | 'expire',
  endMs: number,
  at: number,
): void {
  const key = Buffer.allocUnsafe(8);
  key.writeBigInt64BE(BigInt(endMs));
  context.schedule({ at, name, key });
}

/** The window end that `scheduleForEnd` was given. */
export function endOfTimer({ key }: FiredTimer): number {
  if (key === null) return -1;
  return Number(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
}

/** When the rows of windows with this end are removed. */
export function expiryOf<K, V>({ windows, retentionMs }: WindowRows<K, V>, endMs: number): number {
  return endMs + windows.graceMs + retentionMs;
}

export function getRow<K, V>(store: WindowStore<K, V>, { key, startMs, endMs }: Windowed<K>) {
  return store.get(key, startMs, endMs);
}

export function removeRow<K, V>(
  store: WindowStore<K, V>,
  { key, startMs, endMs }: Windowed<K>,
): void {
  store.remove(key, startMs, endMs);
}
