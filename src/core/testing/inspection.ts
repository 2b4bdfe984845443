import { SerdeError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';
import type { Serde } from '../serde/serde.ts';
import type { TaskInspection } from '../task/inspection.ts';
import type { InputTopic } from '../topology/plan.ts';
import type { Processor } from '../topology/processor.ts';
import { deepFreezer } from './deep-freeze.ts';
import { differenceOf } from './difference.ts';

type Freeze = <T>(value: T) => T;
type Method = (...parameters: unknown[]) => unknown;

/**
 * Holds a topology to what callbacks and serdes promise: nothing handed to a callback is mutated,
 * and what is written comes back from its bytes as it was. State comes from memory or from disk,
 * and nobody may see which.
 */
export function strictInspection(): TaskInspection {
  const freeze = deepFreezer();
  return {
    input: (input) => frozenInput(input, freeze),
    processor: (processor) => frozenProcessor(processor, freeze),
    store: (store) => frozenStore(store, freeze),
    value: freeze,
    serde: (serde, { node, topic, part }) => {
      const where = { node, ...(topic === null ? {} : { topic }) };
      const to = topic === null ? '' : ` for '${topic}'`;
      return checkedSerde(serde, { what: `The ${part}${to} (node '${node}')`, where });
    },
    storeSerde: (serde, store) =>
      checkedSerde(serde, { what: `A value of store '${store}'`, where: { store } }),
  };
}

/** The timestamp is asked for before any node gets the record. */
function frozenInput(input: InputTopic, freeze: Freeze): InputTopic {
  const { node } = input;
  if (node.type !== 'source') return input;
  const { timestamps } = node;
  const { extract } = timestamps;
  if (extract === undefined) return input;
  const frozen = (value: unknown, key: unknown, partitionTimeMs: number) =>
    extract(freeze(value), freeze(key), partitionTimeMs);
  return { ...input, node: { ...node, timestamps: { ...timestamps, extract: frozen } } };
}

function frozenProcessor(
  processor: Processor<unknown, unknown>,
  freeze: Freeze,
): Processor<unknown, unknown> {
  return {
    process(record) {
      freeze(record.key);
      freeze(record.value);
      processor.process(Object.freeze(record));
    },
    onTimer: (timer) => processor.onTimer?.(timer),
    onCommit: () => processor.onCommit?.(),
  };
}

/** What goes into a store and what comes out of it is not mutated any more. */
function frozenStore<S>(store: S, freeze: Freeze): S {
  if (typeof store !== 'object' || store === null) return store;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = member as Method; // a method of a store
      // A cursor is no value; what it gives is frozen where it is visited.
      if (name === 'openScan') return method.bind(target);
      return (...parameters: unknown[]) =>
        freeze(
          method.apply(
            target,
            parameters.map((one) => frozenParameter(one, freeze)),
          ),
        );
    },
  });
}

function frozenParameter(parameter: unknown, freeze: Freeze): unknown {
  if (typeof parameter !== 'function') return freeze(parameter);
  const visit = parameter as Method; // gets rows
  return (...rows: unknown[]) => visit(...rows.map((row) => freeze(row)));
}

interface CheckedPlace {
  readonly what: string;
  readonly where: { readonly node?: string; readonly topic?: string; readonly store?: string };
}

function checkedSerde<T>(serde: Serde<T>, place: CheckedPlace): Serde<T> {
  const serialize = (value: T) => {
    const data = serde.serialize(value);
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    const difference = differenceOf(value, readBack(serde, bytes, place));
    if (difference === null) return data;
    throw lossy(place, `does not come back from its bytes as it was: it differs ${difference}`);
  };
  return Object.create(serde, { serialize: { value: serialize } }) as Serde<T>; // inherits the rest
}

function readBack<T>(serde: Serde<T>, bytes: Uint8Array, place: CheckedPlace): T {
  try {
    return serde.deserialize(bytes);
  } catch (cause) {
    const reason = messageOf(cause);
    throw lossy(place, `cannot be read back by the serde that wrote it: ${reason}`, cause);
  }
}

function lossy({ what, where }: CheckedPlace, finding: string, cause?: unknown): SerdeError {
  return new SerdeError(
    'LOSSY_SERDE',
    `${what} ${finding}. Write data that the serde can carry, or use another serde.`,
    { where, cause },
  );
}
