import { json } from '../../core/serde/json.ts';
import { string } from '../../core/serde/string.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { KGroupedStream } from '../../operators/k-grouped-stream.ts';
import { KStream } from '../../operators/k-stream.ts';
import { keyValueStore } from '../../state/store-definitions.ts';

/** A visitor, and when the part of a session that an event belongs to began. */
export type PartOfSession = readonly [visitor: string, startMs: number];

export const partOfSession: Serde<PartOfSession> = json<PartOfSession>();

interface CutOptions {
  readonly name: string;
  readonly gapMs: number;
  readonly graceMs: number;
  readonly maxLengthMs: number;
}

/** The part that a visitor's events are in. */
interface OpenPart {
  readonly startMs: number;
  readonly lastMs: number;
}

/**
 * Parts sessions that grow too long. Where one begins depends on all events before it, so events
 * wait for the grace and are then taken in the order of their times.
 */
export function cutLongSessions<Event>(
  events: KGroupedStream<string, Event>,
  { name, gapMs, graceMs, maxLengthMs }: CutOptions,
): KGroupedStream<PartOfSession, Event> {
  const { handle } = new KStream<string, Event>(events.handle).delay(graceMs, {
    name: `${name}-in-order`,
  });
  const definition = keyValueStore({
    name: `${name}-parts`,
    key: string(),
    value: json<OpenPart>(),
    // After that no event can belong to the part.
    timeToLive: gapMs + graceMs + 1,
  });
  const parted = new KStream<string, Event>(handle).process<PartOfSession, Event, CutSerdes>(
    {
      name: `${name}-cut`,
      stores: [definition],
      create(context) {
        const parts = context.store(definition);
        return {
          process(record) {
            const { key, timestamp } = record;
            // The delay lets late ones through at once, out of order.
            if (timestamp < context.streamTimeMs - graceMs) return context.drop(record, 'late');
            const open = parts.get(key)?.value;
            const isIn =
              open !== undefined &&
              timestamp - open.lastMs <= gapMs &&
              timestamp - open.startMs < maxLengthMs;
            const startMs = isIn ? open.startMs : timestamp;
            parts.put(key, { value: { startMs, lastMs: timestamp }, timestamp });
            context.forward({ ...record, key: [key, startMs] });
          },
        };
      },
    },
    { key: partOfSession },
  );
  // A visitor's parts stay in the partition of the visitor: there is nothing to bring together.
  return new KGroupedStream({ ...parted.handle, value: handle.value, isKeyChanged: false });
}

interface CutSerdes {
  readonly key: Serde<PartOfSession>;
}
