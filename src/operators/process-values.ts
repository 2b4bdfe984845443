import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { ProcessingError } from '../core/model/errors.ts';
import type { Headers } from '../core/model/headers.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { AnyStoreDefinition } from '../core/task/state-port.ts';
import type { PeriodicTick, Processor, ProcessorContext } from '../core/topology/processor.ts';
import type { Handle } from './internal/handle.ts';
import { checkedContext } from './internal/checked-context.ts';
import { expiringProcessor } from './internal/expiring-processor.ts';
import { storesFor } from './internal/expiring-rows.ts';
import { operatorNode } from './internal/node.ts';
import type { Renamable } from './internal/renamable.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';

/** What `processValues` forwards: the key is that of the record or timer at work. */
export interface ForwardedValue<V> {
  readonly value: V;
  readonly timestamp: number;
  readonly headers: Headers;
}

/** A processor's context that cannot touch the key. */
export interface ValueProcessorContext<VOut> extends Omit<
  ProcessorContext<never, never>,
  'forward'
> {
  /** Sends downstream under the key at work, and returns when all children are done. */
  forward(record: ForwardedValue<VOut>, to?: string): void;
}

/** A node of the author's own that changes values only. */
export interface ProcessValuesDefinition<K, V, VOut> extends Renamable {
  readonly name: string;
  /** The stores it may ask the context for. */
  readonly stores?: readonly AnyStoreDefinition[];
  readonly onError?: ErrorPolicy;
  /** Called once per task and start. What a restart needs belongs into the stores. */
  create(context: ValueProcessorContext<VOut>): Processor<K, V>;
}

export function processValues<K, V, VOut>(
  from: Handle,
  definition: ProcessValuesDefinition<K, V, VOut>,
  { value }: ValueSerdeOption<VOut> = {},
): Handle {
  const { name, stores = [], onError } = definition;
  from.draft.renamed(definition);
  const node = operatorNode<K, V, K, VOut>({
    kind: 'process-values',
    name,
    parents: [from.node],
    stores: stores.flatMap(storesFor),
    hasTimers: true,
    onError,
    createProcessor: (context) =>
      expiringProcessor(checkedContext(context), stores, (own) =>
        withFixedKey(own, definition, from.key),
      ),
  });
  return { ...from, node: from.draft.add(node), value: value ?? null };
}

/** Keeps the key at work: that of the record until the next one, scans included, or the timer's. */
function withFixedKey<K, V, VOut>(
  context: ProcessorContext<K, VOut>,
  definition: ProcessValuesDefinition<K, V, VOut>,
  serde: Serde<unknown> | null,
): Processor<K, V> {
  let keyAtWork: (() => K) | null = null;
  const fixed = Object.defineProperties(
    Object.create(context) as ValueProcessorContext<VOut>, // all else is the context's own
    {
      forward: {
        value({ value, timestamp, headers }: ForwardedValue<VOut>, to?: string) {
          if (keyAtWork === null) throw noKey(context.node, 'there is neither a record nor a key');
          context.forward({ key: keyAtWork(), value, timestamp, headers }, to);
        },
      },
      schedule: {
        value(
          request: Parameters<typeof context.schedule>[0],
          callback: (tick: PeriodicTick) => void,
        ) {
          const tick = (at: PeriodicTick) => {
            keyAtWork = null;
            callback(at);
          };
          context.schedule(request, tick);
        },
      },
    },
  );
  const processor = definition.create(fixed);
  return {
    process(record) {
      keyAtWork = () => record.key;
      processor.process(record);
    },
    onTimer(timer) {
      const { key } = timer;
      keyAtWork = key === null ? null : () => decoded<K>(context.node, serde, key);
      processor.onTimer?.(timer);
    },
    onCommit() {
      keyAtWork = null;
      processor.onCommit?.();
    },
  };
}

function decoded<K>(node: string, serde: Serde<unknown> | null, key: Uint8Array): K {
  if (serde === null) throw noKey(node, 'no key serde is known to read the key of the timer');
  return serde.deserialize(Buffer.from(key)) as K; // the author encoded a key of this stream
}

function noKey(node: string, why: string): ProcessingError {
  return new ProcessingError(
    'KEY_CHANGED',
    `Node '${node}' forwarded where ${why}: forward from \`process\` or a timer with a key.`,
    { where: { node } },
  );
}
