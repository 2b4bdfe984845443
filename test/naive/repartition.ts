import { NaiveNode, type NaiveRecord, NaiveStateless } from './naive-node.ts';
import type { NaiveWorld } from './naive-node.ts';
import type { Step } from '../conformance/case-file.ts';

/** Ends one task; `reader` begins the next, where time starts anew. */
export class NaiveRepartition extends NaiveNode {
  readonly queue: NaiveRecord[] = [];
  readonly reader: NaiveStateless;

  constructor(step: Step, world: NaiveWorld) {
    super(step, world);
    this.reader = new NaiveStateless(step, world, (record, node) => node.forward(record));
  }

  process(record: NaiveRecord): void {
    this.queue.push(record);
  }
}
