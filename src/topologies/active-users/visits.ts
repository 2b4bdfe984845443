import type { Serde } from '../../core/serde/serde.ts';
import { string } from '../../core/serde/string.ts';
import type { KnownSerdes } from '../../operators/internal/serdes.ts';
import { closedUpTo } from '../../operators/internal/window-time.ts';
import type { KStream } from '../../operators/k-stream.ts';
import { boundsOf, type Calendar, graceAfter } from './periods.ts';

/** What is left of an event on its way to where it is counted. */
export interface Visit {
  /** The bits of the periods that still take it. */
  readonly open: number;
  /** Who, or what is counted apart: what the key does not tell. */
  readonly of: string;
}

interface VisitSpec<Event> {
  readonly name: string;
  readonly calendar: Calendar;
  /** The name of the topic on which they are spread anew. */
  readonly topic: string;
  readonly user: (event: Event) => string | null;
  readonly by: (event: Event) => string | null;
  /** Whom of a user and what is counted apart to send it to, and the rest. */
  readonly place: (user: string, by: string) => { readonly key: string; readonly of: string };
}

/**
 * Judges whether an event is late, and for which periods, where it is read: there stream time is
 * that of its own partition. Behind a repartition it is that of the fastest task before it.
 */
export function openVisits<K, Event, Of extends KnownSerdes>(
  events: KStream<K, Event, Of>,
  { name, topic, calendar, user, by, place }: VisitSpec<Event>,
): KStream<string, Visit> {
  const graceMs = graceAfter(calendar, 0);
  const visits = events.process<string, Visit, typeof serdes>(
    {
      name: `${name}-visits`,
      create(context) {
        const bounds = boundsOf(calendar);
        const closedEnd = closedUpTo(context, { graceMs });
        return {
          process(record) {
            const { value, timestamp, headers } = record;
            const [who, what] = [user(value), by(value)];
            if (who === null || what === null) return context.drop(record, 'null-key');
            const closedMs = closedEnd();
            let open = 0;
            for (const { bit, at } of bounds) {
              if (at(timestamp).endMs > closedMs) open |= bit;
              else context.count('late-windows');
            }
            if (open === 0) return context.drop(record, 'late');
            const { key, of } = place(who, what);
            context.forward({ key, value: { open, of }, timestamp, headers });
          },
          onCommit: () => context.advanceClosed(context.streamTimeMs - graceMs),
        };
      },
    },
    serdes,
  );
  return visits.repartition({ name: topic });
}

/** One digit, and the text. */
const visitSerde: Serde<Visit> = Object.freeze<Serde<Visit>>({
  format: 'visit',
  version: 1,
  serialize: ({ open, of }) => `${open}${of}`,
  deserialize(bytes) {
    const text = string().deserialize(bytes);
    return { open: Number(text.slice(0, 1)), of: text.slice(1) };
  },
});

const serdes = { key: string(), value: visitSerde };
