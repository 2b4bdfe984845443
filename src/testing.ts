import { TestDriver } from './core/testing/topology-test-driver.ts';
import type { DriverOptions } from './core/testing/driver-core.ts';
import type { Topology } from './core/topology/plan.ts';
import { memoryBackend } from './state/memory/memory-backend.ts';

export type { DriverOptions, DroppedRecord, RecordToSend } from './core/testing/driver-core.ts';
export { sinkContract, type SinkLaw, type SinkSubject } from './core/testing/sink-contract.ts';
export type { StoreView } from './core/testing/store-view.ts';

/**
 * Runs a topology in a test: send records, advance time, read outputs and stores, commit, crash.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const words = builder.stream('words', { key: string(), value: string() });
 * words.mapValues((word) => word.length, { value: int64() }).to('lengths');
 * const driver = new TopologyTestDriver(builder.build());
 * driver.send('words', { key: 'a', value: 'hello' });
 * driver.read('lengths').map(({ key, value }) => [key, value]); // => [['a', 5]]
 * ```
 */
export class TopologyTestDriver extends TestDriver {
  constructor(topology: Topology, options: DriverOptions = {}) {
    super(topology, options, memoryBackend);
  }
}
