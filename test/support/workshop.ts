import { EmbeddedBroker } from '../../src/core/log/embedded/broker.ts';
import type { Intercept } from '../../src/core/log/embedded/fault-intercept.ts';
import { GroupCoordinator } from '../../src/core/log/embedded/group-coordinator.ts';
import { memoryStorage } from '../../src/core/log/embedded/memory-storage.ts';
import {
  createSimulatedRuntime,
  type SimulatedProcess,
} from '../../src/core/runtime/simulated-runtime.ts';
import { type RunOptions, run, type Topology, type Worker } from '../../src/index.ts';
import { feed, type LogRecord, readAll, type TextRecord } from './log-records.ts';
import { processLog } from './process-log.ts';
import { survivingState } from './surviving-state.ts';

export interface WorkshopOptions {
  /** Of user topics; 1 if absent. */
  readonly partitions?: number;
}

export type StartOptions = Partial<RunOptions> & {
  /** Stands around the worker's requests. */
  readonly intercept?: Intercept;
  /** Its process, to be suspended by the test; its own if absent. */
  readonly process?: SimulatedProcess;
};

/** A log in memory and its workers on virtual time: a promise is awaited by letting time go on. */
export class Workshop {
  readonly runtime = createSimulatedRuntime({ seed: 1 });
  readonly broker: EmbeddedBroker;
  readonly coordinator = new GroupCoordinator(this.runtime);
  /** The log as it is, for the test. */
  readonly log;
  private workers = 0;

  constructor({ partitions = 1 }: WorkshopOptions = {}) {
    this.broker = new EmbeddedBroker({
      storage: memoryStorage(),
      clock: this.runtime.clock,
      groups: this.coordinator,
      partitions,
      maxMessageBytes: 1_048_588,
    });
    this.log = processLog(this, this.runtime, (_request, go) => go());
  }

  /** Starts a worker with its own state in memory, unless the options say otherwise. */
  start(topology: Topology, options: StartOptions = {}): Promise<Worker> {
    const { intercept = (_request, go) => go(), process = this.runtime, ...others } = options;
    this.workers += 1;
    const started = run(topology, {
      log: processLog(this, process, intercept),
      runtime: process,
      state: survivingState(),
      instanceId: `worker-${this.workers}`,
      heartbeatInterval: '50ms',
      sessionTimeout: '600ms',
      ...others,
    });
    return this.runtime.runUntil(started);
  }

  /** Lets time go on until the promise has settled. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.runUntil(promise);
  }

  feed(topic: string, records: readonly TextRecord[]): Promise<void> {
    return feed(this.log, topic, records);
  }

  read(topic: string): Promise<LogRecord[]> {
    return readAll(this.log, topic);
  }

  /** Committed values of a topic as text. */
  async values(topic: string): Promise<(string | null)[]> {
    return (await this.read(topic)).map(({ value }) => value?.toString() ?? null);
  }
}

/** `['a=1', 'b=2']` as records one millisecond apart. */
export function textRecords(texts: readonly string[], fromMs = 0): TextRecord[] {
  return texts.map((text, index) => {
    const [key = '', value = null] = text.split('=');
    return { key, value, timestamp: fromMs + index };
  });
}
