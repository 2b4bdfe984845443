import { type EmitPolicy, TopologyBuilder, json, session, string } from '../../src/index.ts';
import { type Event, eventsSlow } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, int64Bytes, timesPerUser } from './query.ts';

const gapMs = 30 * 60_000;

/** Events per user and session. */
export function sessions(emit: EmitPolicy): Query {
  return {
    input: eventsSlow,
    table: null,
    topology({ application, input, output }) {
      const builder = new TopologyBuilder(application);
      builder
        .stream(input, { key: string(), value: json<Event>() })
        .filter(({ event_name }) => event_name !== 'heartbeat')
        .groupByKey()
        .windowedBy(session(gapMs, { grace: '5 minutes' }))
        .count({ name: 'counts', emit })
        .toStream()
        .selectKey((_count, { key, startMs, endMs }) => `${key}@${startMs}@${endMs - 1}`, {
          key: string(),
        })
        .to(output);
      return builder.build();
    },
    bareLoop: () => jsonLoop<Event>(() => null),
    *expected(records): Iterable<OutputRecord> {
      for (const [user, times] of timesPerUser(eventsSlow, records)) {
        let from = 0;
        for (const [index, time] of times.entries()) {
          if ((times[index + 1] ?? Infinity) - time <= gapMs) continue;
          yield [`${user}@${times[from]}@${time}`, int64Bytes(index + 1 - from)];
          from = index + 1;
        }
      }
    },
    isLastPerKey: true,
  };
}
