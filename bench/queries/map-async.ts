import { TopologyBuilder, json, string } from '../../src/index.ts';
import { type Event, events } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

/** A call per event that is answered at once: what is left is the price of waiting in order. */
export const mapAsync: Query = {
  input: events,
  table: null,
  topology({ application, input, output }) {
    const builder = new TopologyBuilder(application);
    builder
      .stream(input, { key: string(), value: json<Event>() })
      .mapAsync((event) => Promise.resolve(answer(event)), { value: json<Answer>() })
      .to(output);
    return builder.build();
  },
  bareLoop: () => jsonLoop<Event>(answer),
  *expected(records): Iterable<OutputRecord> {
    for (const event of parsed<Event>(events, records)) {
      yield [event.user_id, JSON.stringify(answer(event))];
    }
  },
  isLastPerKey: false,
};

type Answer = ReturnType<typeof answer>;

function answer({ event_id, user_id, country, device }: Event) {
  return { event_id, user_id, country, device };
}
