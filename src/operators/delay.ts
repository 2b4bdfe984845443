import { type Duration, durationMs } from '../core/model/duration.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { checkReach } from './internal/time-bounds.ts';
import { waitingRecords } from './internal/waiting-records.ts';

export interface DelayOptions extends Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** Whose time the delay is counted in. Default `'stream-time'`. */
  readonly by?: 'stream-time' | 'wall-clock';
}

export function delay<K, V>(
  from: Handle,
  duration: Duration,
  options: DelayOptions & SerdeOptions<K, V>,
): Handle {
  const { name, by = 'stream-time' } = options;
  from.draft.renamed(options);
  const delayMs = durationMs(duration, 'the delay');
  checkReach('a delay', delayMs);
  const key = resolveSerde('key', options.key, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', options.value, from, name) as Serde<V>; // and values
  const waiting = waitingRecords({ name, key, value });
  const node = operatorNode<K | null, V | null, K | null, V | null>({
    kind: 'delay',
    name,
    parents: [from.node],
    stores: [waiting.store],
    hasTimers: true,
    detail: { delayMs, by },
    createProcessor(context) {
      const records = waiting.open(context);
      return {
        process(record) {
          const startMs = by === 'wall-clock' ? context.wallClockTimeMs : record.timestamp;
          records.wait(record, { at: startMs + delayMs, by });
        },
        onTimer(timer) {
          for (const record of records.due(timer)) context.forward(record);
        },
      };
    },
  });
  return { ...from, node: from.draft.add(node), key, value };
}
