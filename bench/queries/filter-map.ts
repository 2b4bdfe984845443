import { TopologyBuilder, json, string } from '../../src/index.ts';
import { type Event, events } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

/** Events of interest, with fewer fields. */
export const filterMap: Query = {
  input: events,
  table: null,
  topology({ application, input, output }) {
    const builder = new TopologyBuilder(application);
    builder
      .stream(input, { key: string(), value: json<Event>() })
      .filter(isOfInterest)
      .mapValues(summary, { value: json<Summary>() })
      .to(output);
    return builder.build();
  },
  bareLoop: () => jsonLoop<Event>((event) => (isOfInterest(event) ? summary(event) : null)),
  *expected(records): Iterable<OutputRecord> {
    for (const event of parsed<Event>(events, records)) {
      if (isOfInterest(event)) yield [event.user_id, JSON.stringify(summary(event))];
    }
  },
  isLastPerKey: false,
};

function isOfInterest({ event_name }: Event): boolean {
  return event_name !== 'page_left' && event_name !== 'heartbeat';
}

type Summary = ReturnType<typeof summary>;

function summary(event: Event) {
  return {
    event_id: event.event_id,
    user_id: event.user_id,
    session_id: event.session_id,
    post_id: event.post_id,
    country: event.country,
    device: event.device,
    minute: Math.floor(event.ts / 60_000),
    long: event.duration_ms > 30_000,
  };
}
