import { TopologyBuilder, bytes } from '../../src/index.ts';
import { events } from '../data/events.ts';
import { bytesLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query } from './query.ts';

/** Events from topic to topic as bytes. */
export const passThrough: Query = {
  input: events,
  table: null,
  topology({ application, input, output }) {
    const builder = new TopologyBuilder(application);
    builder.stream(input, { key: bytes(), value: bytes() }).to(output);
    return builder.build();
  },
  bareLoop: bytesLoop,
  *expected(records): Iterable<OutputRecord> {
    for (let index = 0; index < records; index++) {
      const { key, value } = events.record(index);
      yield [key, value];
    }
  },
  isLastPerKey: false,
};
