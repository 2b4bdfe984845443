import { ConfigError } from '../model/errors.ts';
import { type Duration, durationMs } from '../model/duration.ts';
import type { DropReason } from '../model/drop-reason.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Sink } from '../sink/sink.ts';
import type { StateBackend } from '../task/state-port.ts';
import type { Topology } from '../topology/plan.ts';
import {
  DriverCore,
  type DriverOptions,
  type DroppedRecord,
  type RecordToSend,
} from './driver-core.ts';
import { runNow, runSteps } from './steps.ts';
import { StoreView } from './store-view.ts';

/**
 * Runs a topology without a broker and without time: the real tasks, stores and commits, step by
 * step. The clock stands still until it is advanced; sources take any future unless they say
 * otherwise.
 */
export class TestDriver {
  private readonly core: DriverCore;

  constructor(topology: Topology, options: DriverOptions, createBackend: () => StateBackend) {
    this.core = new DriverCore(topology, createBackend(), options);
    runNow(this.core.open());
  }

  /**
   * Sends records to a topic that the topology reads, and runs to rest. Behind `mapAsync` nothing
   * happens before `settled`.
   */
  send(topic: string, records: RecordToSend | readonly RecordToSend[]): void {
    runNow(this.core.send(topic, isList(records) ? records : [records]));
  }

  /** Sends bytes as they are: they need not be what the source can read. */
  sendBytes(
    topic: string,
    record: { readonly key: Uint8Array | null; readonly value: Uint8Array | null } & Pick<
      RecordToSend,
      'timestamp' | 'headers' | 'partition'
    >,
  ): void {
    runNow(this.core.sendBytes(topic, record));
  }

  /** The committed records of a topic since the last call, by partition and offset. */
  read<K, V>(topic: string): StreamRecord<K, V>[] {
    return runNow(this.core.read(topic)) as StreamRecord<K, V>[]; // as the caller knows
  }

  /** The committed rows for a sink since the last call, by partition and offset. */
  rows(sink: Sink<never>): unknown[] {
    return runNow(this.core.rows(sink));
  }

  /** The last committed value of each key of a topic. */
  readTable<K, V>(topic: string): Map<K, V> {
    return runNow(this.core.readTable(topic)) as Map<K, V>; // as for `read`
  }

  /**
   * Commits what was processed; then runs to rest what that made readable.
   *
   * @throws {ConfigError} `CALLS_IN_FLIGHT` while `mapAsync` waits for a call: a commit waits too.
   */
  commit(): void {
    if (!this.core.tasks.isAtRest) throw inFlight();
    runNow(this.core.commit());
  }

  /**
   * Waits for the calls of `mapAsync`, works on what they bring, and commits as `send` does. A call
   * that waits for a retry, or never ends, needs `advanceWallClock`.
   */
  async settled(): Promise<void> {
    await runSteps(this.core.settled());
  }

  /** Loses what is not committed, restores from the log and goes on. */
  crash(): void {
    runNow(this.core.crash());
  }

  /** Moves the clock and runs what that makes due. */
  advanceWallClock(by: Duration): void {
    runNow(this.core.advanceWallClock(durationMs(by)));
  }

  /** The rows of a store, over all partitions. */
  store(name: string): StoreView {
    return new StoreView(name, this.core.tasks.all, this.core.tasks.globalTables);
  }

  /** How many records were dropped, for one reason or in all. */
  dropped(reason?: DropReason): number {
    const { dropped } = this.core;
    return dropped.filter((drop) => reason === undefined || drop.reason === reason).length;
  }

  /** Every dropped record, oldest first. */
  drops(): readonly DroppedRecord[] {
    return [...this.core.dropped];
  }
}

function isList(
  records: RecordToSend | readonly RecordToSend[],
): records is readonly RecordToSend[] {
  return Array.isArray(records);
}

function inFlight(): ConfigError {
  return new ConfigError(
    'CALLS_IN_FLIGHT',
    'Calls of mapAsync are in flight, and a commit waits for them: `await driver.settled()` first.',
  );
}
