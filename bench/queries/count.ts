import { TopologyBuilder, bytes, int32, onCommit } from '../../src/index.ts';
import { simple } from '../data/data-sets.ts';
import { bytesLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, int64Bytes, outputTopic } from './query.ts';

/** Records per integer key; emitted at the commit, as a cache in front of a store does. */
export const count: Query = {
  input: simple,
  table: null,
  topology() {
    const builder = new TopologyBuilder('bench');
    builder
      .stream(simple.name, { key: int32(), value: bytes() })
      .groupByKey()
      .count({ name: 'counts', emit: onCommit() })
      .toStream()
      .to(outputTopic);
    return builder.build();
  },
  bareLoop: bytesLoop,
  *expected(records): Iterable<OutputRecord> {
    const counts = new Map<string, number>();
    for (let index = 0; index < records; index++) {
      const key = Buffer.from(simple.record(index).key).toString('latin1');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, value] of counts) yield [Buffer.from(key, 'latin1'), int64Bytes(value)];
  },
  isLastPerKey: true,
};
