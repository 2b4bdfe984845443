import type { StreamRecord } from '../../core/model/record.ts';
import type { TimeWindows } from '../../core/model/windows.ts';
import type { Handle } from './handle.ts';
import { stateLateStream } from './state-late-stream.ts';
import { windowPlaces } from './window-places.ts';

interface LateRecords<K, V> {
  /** Of the aggregation. */
  readonly name: string;
  readonly windows: TimeWindows;
  readonly isNull?: ((record: StreamRecord<K, V>) => boolean) | undefined;
}

/**
 * The records that a windowed aggregation drops as late, unchanged. Lateness is a matter of time
 * alone, so a node beside the aggregation decides it by the same rule, and needs none of its state.
 */
export function lateStream<K, V>(
  from: Handle,
  { name, windows, isNull }: LateRecords<K, V>,
): Handle {
  return stateLateStream<K, V>(from, {
    aggregation: name,
    closeDelayMs: windows.graceMs,
    stores: [],
    isNull,
    createIsLate() {
      const { lastStart, endOf } = windowPlaces(windows);
      return ({ timestamp }, closedMs) => endOf(lastStart(timestamp)) <= closedMs;
    },
  });
}
