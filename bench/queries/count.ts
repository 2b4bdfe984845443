import { type EmitPolicy, TopologyBuilder, bytes, int32 } from '../../src/index.ts';
import { simple } from '../data/data-sets.ts';
import { bytesLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, int64Bytes } from './query.ts';

/** Records per integer key. */
export function count(emit: EmitPolicy): Query {
  return {
    input: simple,
    table: null,
    topology({ application, input, output }) {
      const builder = new TopologyBuilder(application);
      builder
        .stream(input, { key: int32(), value: bytes() })
        .groupByKey()
        .count({ name: 'counts', emit })
        .toStream()
        .to(output);
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
}
