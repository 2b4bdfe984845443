import type { DropReason, ErrorPolicy } from '../core/model/drop-reason.ts';
import type { Duration } from '../core/model/duration.ts';
import { formatText } from '../core/model/format-text.ts';
import type { StreamRecord } from '../core/model/record.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Processor, ProcessorContext } from '../core/topology/processor.ts';
import type { Joiner } from './internal/callbacks.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { recordPages } from './internal/record-pages.ts';
import { byItsKey } from './internal/repartition-node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { sideStreams } from './internal/side-streams.ts';
import {
  type Sided,
  streamJoin,
  type StreamJoin,
  type StreamJoinKind,
  type StreamJoinSpec,
} from './internal/stream-join-node.ts';
import { streamJoinBounds } from './internal/stream-join-rows.ts';
import type { KnownSerdes } from './internal/serdes.ts';
import type { KStream } from './k-stream.ts';

export interface StreamJoinOptions<K, V, VOther> extends Renamable {
  /** Names the node, its two stores and their changelogs; a new name starts from empty stores. */
  readonly name: string;
  /** How much earlier than a record of this stream its partner may be. */
  readonly before: Duration;
  /** How much later than a record of this stream its partner may be. */
  readonly after: Duration;
  /** How long, in stream time, a record still waits for partners that come out of order. */
  readonly grace: Duration;
  /** Given the streams of the records that came too late, of this stream and of the other. */
  readonly late?: (own: KStream<K, V>, other: KStream<K, VOther>) => void;
  /** What to do when the joiner throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

/** Serdes of the two streams: to be given to a join where the streams do not know them. */
export interface StreamJoinSerdes<K, V, VOther> {
  readonly key?: Serde<NonNullable<K>>;
  readonly thisValue?: Serde<NonNullable<V>>;
  readonly otherValue?: Serde<NonNullable<VOther>>;
}

/** What is known of the serdes of two streams. */
export interface KnownOfBoth {
  readonly own: KnownSerdes;
  readonly other: KnownSerdes;
}

/** `StreamJoinSerdes`, with those that are not known required. */
export type StreamJoinSerdesFor<K, V, VOther, Of extends KnownOfBoth> = StreamJoinSerdes<
  K,
  V,
  VOther
> &
  Required<
    Pick<
      StreamJoinSerdes<K, V, VOther>,
      | (Of['own']['key'] extends true ? never : 'key')
      | (Of['other']['key'] extends true ? never : 'key')
      | (Of['own']['value'] extends true ? never : 'thisValue')
      | (Of['other']['value'] extends true ? never : 'otherValue')
    >
  >;

export interface StreamStreamJoin<K, Left, Right, VOut> {
  readonly kind: StreamJoinKind;
  readonly other: Handle;
  /** Gets null for the side an unmatched row does not have: `Left` and `Right` then say so. */
  readonly joiner: Joiner<K, Left, Right, VOut>;
}

/**
 * The join itself, behind a node for each of the two streams that says which side a record is of; a
 * stream that is joined with itself needs none.
 */
export function streamStreamJoin<K, V, VOther, Left, Right, VOut>(
  stream: Handle,
  { kind, other, joiner }: StreamStreamJoin<K, Left, Right, VOut>,
  options: StreamJoinOptions<K, V, VOther> &
    StreamJoinSerdes<K, V, VOther> & { readonly value?: Serde<NonNullable<VOut>> },
): Handle {
  const { draft } = stream;
  const { name, late, onError } = options;
  draft.renamed(options);
  const bounds = streamJoinBounds(options);
  const isSelfJoin = stream.node === other.node;
  const key = resolveSerde('key', options.key, stream, name) as Serde<NonNullable<K>>; // its keys
  const leftValue = resolveSerde('value', options.thisValue, stream, name);
  const rightValue = isSelfJoin
    ? leftValue
    : resolveSerde('value', options.otherValue, other, name);
  const place = (side: 'input' | 'left' | 'right') => `${name}-${side}`;
  const left = byItsKey(stream, {
    name: place(isSelfJoin ? 'input' : 'left'),
    key,
    value: leftValue,
  });
  const right = isSelfJoin
    ? left
    : byItsKey(other, {
        name: place('right'),
        key: options.key ?? other.key ?? key,
        value: rightValue,
      });
  checkKeys(left, right, name);
  const { beforeMs, afterMs, bucketMs } = bounds;
  // What the rows mean does not depend on the grace: that may change.
  const detail = { join: kind, beforeMs, afterMs, bucketMs };
  const stores = {
    left: recordPages({ name: place('left'), key, value: leftValue, detail }),
    right: recordPages({ name: place('right'), key, value: rightValue, detail }),
  };
  const sides = sideStreams(name, takersOf<K, V, VOther>(left, late));
  const node = operatorNode<unknown, unknown, NonNullable<K> | null, unknown>({
    kind,
    name,
    parents: isSelfJoin ? [left.node] : [sideNode(left, true), sideNode(right, false)],
    stores: [stores.left, stores.right],
    hasTimers: true,
    isCopartitioned: true,
    detail: { ...bounds },
    onError,
    createProcessor(context) {
      const join = streamJoin(context, {
        name,
        kind,
        bounds,
        key,
        ...stores,
        joiner: joiner as StreamJoinSpec<unknown>['joiner'], // it gets what these sides hold
        sides,
      });
      return isSelfJoin ? selfJoin(context, join, sides) : twoStreams(context, join, sides);
    },
  });
  const joined = { ...left, key, node: draft.add(node), value: options.value ?? null };
  return sides.open(joined, {
    'late-left': { ...left, key, value: leftValue },
    'late-right': { ...right, key, value: rightValue },
  });
}

type Sides = ReturnType<typeof sideStreams<'late-left' | 'late-right'>>;
type Context = ProcessorContext<never, never>;

function twoStreams<K>(context: Context, join: StreamJoin<K>, sides: Sides) {
  const processor: Processor<unknown, unknown> = {
    ...join.hooks,
    process({ value }) {
      const sided = value as Sided<K>; // from the nodes of the sides
      const reason = join.refusal(sided);
      if (reason === null) return join.take(sided);
      if (reason !== 'late') return context.drop(sided.record, reason);
      const side = sided.isLeft ? 'late-left' : 'late-right';
      sides.refuse(context, sided.record, { reason, side });
    },
  };
  return processor;
}

/**
 * Each record as left, then as right, so it meets itself once. With unequal bounds it may be late
 * as one of the two; it is dropped if it is late as both.
 */
function selfJoin<K>(context: Context, join: StreamJoin<K>, sides: Sides) {
  const processor: Processor<unknown, unknown> = {
    ...join.hooks,
    process(given) {
      const record = given as StreamRecord<K | null, unknown>; // of the joined stream
      let taken = 0;
      let reason: DropReason | null = null;
      for (const isLeft of [true, false]) {
        const refusal = join.refusal({ isLeft, record });
        reason ??= refusal;
        if (refusal !== null) continue;
        join.take({ isLeft, record });
        taken++;
      }
      if (reason === null) return;
      if (taken > 0) return context.count(`${reason}-side`);
      if (reason !== 'late') return context.drop(record, reason);
      sides.refuse(context, record, { reason, side: 'late-left' });
    },
  };
  return processor;
}

function sideNode(from: Handle, isLeft: boolean) {
  const kind = isLeft ? 'left-side' : 'right-side';
  const node = operatorNode<unknown, unknown, unknown, Sided<unknown>>({
    kind,
    name: from.draft.generateName(kind),
    parents: [from.node],
    createProcessor: (context) => ({
      process(record) {
        const { key, timestamp, headers } = record;
        context.forward({ key, value: { isLeft, record }, timestamp, headers });
      },
    }),
  });
  return from.draft.add(node);
}

/** The callback wants both streams at once: it is called when the second is there. */
function takersOf<K, V, VOther>(
  { draft }: Handle,
  late: ((own: KStream<K, V>, other: KStream<K, VOther>) => void) | undefined,
) {
  if (late === undefined) return {};
  let own: KStream<K, V> | null = null;
  return {
    'late-left': (handle: Handle) => {
      own = draft.handles.stream(handle);
    },
    'late-right': (handle: Handle) => {
      if (own !== null) late(own, draft.handles.stream(handle));
    },
  };
}

function checkKeys(left: Handle, right: Handle, node: string): void {
  if (left.key === null || right.key === null) return;
  const formats = [formatText(left.key), formatText(right.key)] as const;
  if (formats[0] === formats[1]) return;
  const message = `the keys of the joined streams are ${formats[0]} and ${formats[1]}: they never meet`;
  left.draft.problems.push({ code: 'NOT_COPARTITIONED', node, message });
}
