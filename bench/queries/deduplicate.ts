import { TopologyBuilder, json, string } from '../../src/index.ts';
import { type Event, events } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

const withinMs = 60_000;

/** The first event of each user and kind in a minute. */
export const deduplicate: Query = {
  input: events,
  table: null,
  topology({ application, input, output }) {
    const builder = new TopologyBuilder(application);
    builder
      .stream(input, { key: string(), value: json<Event>() })
      .deduplicate({ name: 'once', within: withinMs, by: identityOf, identity: string() })
      .to(output);
    return builder.build();
  },
  bareLoop() {
    const last = new Map<string, number>();
    return jsonLoop<Event>((event) => {
      const id = identityOf(event);
      if (Math.abs(event.ts - (last.get(id) ?? 0)) < withinMs) return null;
      last.set(id, event.ts);
      return event;
    });
  },
  *expected(records): Iterable<OutputRecord> {
    const accepted = new Map<string, number[]>();
    for (const event of parsed<Event>(events, records)) {
      const id = identityOf(event);
      const times = accepted.get(id) ?? [];
      if (times.some((time) => Math.abs(event.ts - time) < withinMs)) continue;
      accepted.set(id, [...times, event.ts]);
      yield [event.user_id, JSON.stringify(event)];
    }
  },
  isLastPerKey: false,
};

function identityOf({ user_id, event_name }: Event): string {
  return `${user_id}:${event_name}`;
}
