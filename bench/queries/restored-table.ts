import { type Topology, TopologyBuilder, string } from '../../src/index.ts';
import { type DataRecord, startMs } from '../data/data-set.ts';
import { digits } from '../data/random.ts';
import { outputTopic } from './query.ts';

export const rowsTopic = 'rows';
export const probesTopic = 'probes';

/** A table of strings, and a stream that asks for rows of it. */
export function restoredTable(): Topology {
  const builder = new TopologyBuilder('bench');
  const rows = builder.table(rowsTopic, { name: 'rows', key: string(), value: string() });
  builder
    .stream(probesTopic, { key: string(), value: string() })
    .join(rows, (_probe, row) => row, { value: string() })
    .to(outputTopic);
  return builder.build();
}

/** A row of 120 bytes under a key of its own. */
export function row(index: number): DataRecord {
  const number = digits(index, 12);
  return { key: `k${number}`, value: number.padEnd(107, 'v'), timestamp: startMs };
}

/** Asks for the row of that index. */
export function probe(index: number): DataRecord {
  return { ...row(index), value: '', timestamp: startMs + 1 };
}
