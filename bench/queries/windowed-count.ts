import { type EmitPolicy, TopologyBuilder, json, string, tumbling } from '../../src/index.ts';
import { type Event, events } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, int64Bytes, parsed } from './query.ts';

const minuteMs = 60_000;

/** Events per user and minute. */
export function windowedCount(emit: EmitPolicy): Query {
  return {
    input: events,
    table: null,
    topology({ application, input, output }) {
      const builder = new TopologyBuilder(application);
      builder
        .stream(input, { key: string(), value: json<Event>() })
        .filter(isActivity)
        .groupByKey()
        .windowedBy(tumbling('1 minute', { grace: '1 minute' }))
        .count({ name: 'counts', emit })
        .toStream()
        .selectKey((_count, { key, startMs }) => `${key}@${startMs}`, { key: string() })
        .to(output);
      return builder.build();
    },
    bareLoop: () => jsonLoop<Event>(() => null),
    *expected(records): Iterable<OutputRecord> {
      const counts = new Map<string, number>();
      for (const event of parsed<Event>(events, records)) {
        if (!isActivity(event)) continue;
        const key = `${event.user_id}@${event.ts - (event.ts % minuteMs)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      for (const [key, value] of counts) yield [key, int64Bytes(value)];
    },
    isLastPerKey: true,
  };
}

function isActivity({ event_name }: Event): boolean {
  return event_name !== 'heartbeat';
}
