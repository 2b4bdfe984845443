import { type EmitPolicy, TopologyBuilder, json, sliding, string } from '../../src/index.ts';
import { type Event, eventsSlow } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, int64Bytes, timesPerUser } from './query.ts';

const differenceMs = 10 * 60_000;

/** Events per user and sliding ten minutes. */
export function slidingCount(emit: EmitPolicy): Query {
  return {
    input: eventsSlow,
    table: null,
    topology({ application, input, output }) {
      const builder = new TopologyBuilder(application);
      builder
        .stream(input, { key: string(), value: json<Event>() })
        .filter(({ event_name }) => event_name !== 'heartbeat')
        .groupByKey()
        .windowedBy(sliding(differenceMs, { grace: '1 minute' }))
        .count({ name: 'counts', emit })
        .toStream()
        .selectKey((_count, { key, startMs }) => `${key}@${startMs}`, { key: string() })
        .to(output);
      return builder.build();
    },
    bareLoop: () => jsonLoop<Event>(() => null),
    *expected(records): Iterable<OutputRecord> {
      for (const [user, times] of timesPerUser(eventsSlow, records)) {
        const starts = times.flatMap((time) => [Math.max(time - differenceMs, 0), time + 1]);
        for (const start of new Set(starts)) {
          const last = start + differenceMs;
          const count = times.filter((time) => start <= time && time <= last).length;
          if (count > 0) yield [`${user}@${start}`, int64Bytes(count)];
        }
      }
    },
    isLastPerKey: true,
  };
}
