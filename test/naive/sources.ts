import type { CaseRecord } from '../conformance/case-file.ts';
import { NaiveNode, type NaiveRecord } from './naive-node.ts';

const maxTimeMs = 8.64e15;

/** What every source does with times. */
export abstract class NaiveSource extends NaiveNode {
  private partitionTimeMs = -1;

  /** Null: dropped, and no time has passed. */
  timeOf({ timestamp }: CaseRecord, clockMs: number): number | null {
    const { maxFuture = 'off', onInvalidTimestamp = 'drop' } = this.step;
    const isTime = Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= maxTimeMs;
    const known = onInvalidTimestamp === 'partition-time' ? this.partitionTimeMs : -1;
    const timeMs = isTime ? timestamp : known;
    const isFuture = maxFuture !== 'off' && timeMs > clockMs + Number(maxFuture);
    if (timeMs < 0 || isFuture) {
      this.world.drop(timeMs < 0 ? 'invalid-timestamp' : 'future');
      return null;
    }
    this.partitionTimeMs = Math.max(this.partitionTimeMs, timeMs);
    return timeMs;
  }
}

export class NaiveStreamSource extends NaiveSource {
  process(record: NaiveRecord): void {
    if (record.value === null && this.step['tombstones'] === 'drop') {
      this.world.drop('null-value');
    } else {
      this.forward(record);
    }
  }
}

/** A topic read as a table: its child keeps the rows. */
export class NaiveTableSource extends NaiveSource {
  process(record: NaiveRecord): void {
    this.forward(record);
  }
}
