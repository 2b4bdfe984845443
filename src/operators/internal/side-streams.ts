import type { DropReason } from '../../core/model/drop-reason.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import type { Handle } from './handle.ts';
import { passOn } from './pass-on.ts';

/** Takes the handle of a stream that its author asked for. */
export type TakeSide = (side: Handle) => void;

/** The streams of what a node refuses, beside what it passes on. */
export interface SideStreams<Side extends string> {
  /** To be named when the node forwards its results; undefined: there is only one way. */
  readonly main: string | undefined;
  /** Drops a record and hands it, as it came, to the side's stream if there is one. */
  refuse(
    context: ProcessorContext<never, never>,
    record: StreamRecord<unknown, unknown>,
    as: { readonly reason: DropReason; readonly side: Side },
  ): void;
  /** Opens the streams behind the node, which stands at `from`; answers where its results leave. */
  open(from: Handle, sides: Readonly<Partial<Record<Side, Handle>>>): Handle;
}

/**
 * Streams beside the main one, each behind a node of its own that is forwarded to by name. A node
 * nobody wants refused records of has only its results behind it.
 */
export function sideStreams<Side extends string>(
  name: string,
  takers: Readonly<Partial<Record<Side, TakeSide | undefined>>>,
): SideStreams<Side> {
  const sides = Object.keys(takers) as Side[]; // the keys of `takers`
  const wanted = sides.filter((side) => takers[side] !== undefined);
  const main = wanted.length === 0 ? undefined : `${name}-out`;
  return {
    main,
    refuse(context, record, { reason, side }) {
      context.drop(record, reason);
      if (takers[side] === undefined) return;
      context.forward(record as StreamRecord<never, never>, `${name}-${side}`); // as it came
    },
    open(from, ends) {
      for (const side of wanted) {
        const end = passOn({ ...from, ...ends[side], node: from.node }, side, `${name}-${side}`);
        takers[side]?.(end);
      }
      return main === undefined ? from : passOn(from, 'out', main);
    },
  };
}
