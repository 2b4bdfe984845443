import { EmbeddedBroker } from '../../src/core/log/embedded/broker.ts';
import {
  createFaultInjector,
  type FaultRates,
} from '../../src/core/log/embedded/fault-injector.ts';
import type { Intercept } from '../../src/core/log/embedded/fault-intercept.ts';
import type { TopicPartition } from '../../src/core/log/port.ts';
import { GroupCoordinator } from '../../src/core/log/embedded/group-coordinator.ts';
import { memoryStorage } from '../../src/core/log/embedded/memory-storage.ts';
import {
  createSimulatedRuntime,
  type SimulatedProcess,
} from '../../src/core/runtime/simulated-runtime.ts';
import type { StateBackend } from '../../src/core/task/state-port.ts';
import { type Log, MillraceError, run, type Topology, type Worker } from '../../src/index.ts';
import { processLog } from '../support/process-log.ts';
import { type Overlaps, watchingOverlaps } from './overlaps.ts';
import { survivingState } from '../support/surviving-state.ts';

const latencyMs = 1;
const commitApis: ReadonlySet<string> = new Set(['produce', 'send-offsets', 'commit']);
const maxDelayMs = 60;
const settleStepMs = 500;
const maxSettleSteps = 240;

export interface ClusterOptions {
  readonly seed: number;
  readonly topology: Topology;
  readonly guarantee: 'exactly-once' | 'at-least-once';
  readonly rates: FaultRates;
  readonly partitions: number;
  /** Of each request of a commit, there and back alike. Default: as any other. */
  readonly commitLatencyMs?: number;
  readonly standbyReplicas?: number;
  /** Stands before the log of each worker. */
  readonly beforeLog?: (log: Log) => Log;
  /** The topology as one process builds it: where that depends on its time. Default: `topology`. */
  readonly topologyFor?: (process: SimulatedProcess) => Topology;
  /** Topics that must be readable in the end. */
  readonly outputs: readonly string[];
}

interface Machine {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly disk: StateBackend;
  worker: Worker | null;
  isHanging: boolean;
  /** Closed, or failed: its place is free. */
  isOver: boolean;
}

export type Act = 'start' | 'close' | 'crash' | 'hang' | 'wake' | 'replace';

/** Workers that come, go, hang and die on virtual time; all chance is from one seed. */
export class SimulatedCluster {
  readonly runtime;
  /** One line a step: time, who, what. */
  readonly trace: string[] = [];
  /** Codes of the errors that stopped a worker. */
  readonly failures: string[] = [];
  /** Of all workers. */
  readonly overlaps: Overlaps = { committed: 0, takenBack: 0 };
  /** The shared log without its faults. */
  readonly log: Log;
  private readonly shared;
  private readonly machines = new Map<number, Machine>();
  private readonly replaced: Machine[] = [];
  private readonly disks = new Map<number, StateBackend>();
  private readonly switchOffs: (() => void)[] = [];
  private hasFaults = true;
  private lives = 0;

  constructor(private readonly options: ClusterOptions) {
    this.runtime = createSimulatedRuntime({ seed: options.seed });
    const coordinator = new GroupCoordinator(this.runtime);
    const broker = new EmbeddedBroker({
      storage: memoryStorage(),
      clock: this.runtime.clock,
      groups: coordinator,
      partitions: options.partitions,
      maxMessageBytes: 1_000_000,
    });
    this.shared = { broker, coordinator };
    this.log = processLog(this.shared, this.runtime, (_request, go) => go());
  }

  get living(): readonly Worker[] {
    return [...this.machines.values()].flatMap(({ worker }) => (worker === null ? [] : [worker]));
  }

  async advance(durationMs: number): Promise<void> {
    this.note('all', `advance ${durationMs}`);
    await this.runtime.advance(durationMs);
  }

  act(act: Act, place: number): void {
    const machine = this.machines.get(place);
    const isFree = machine === undefined || machine.isOver;
    if (isFree && act === 'start') this.start(place);
    if (isFree || act === 'start') return;
    this.note(machine.name, act);
    if (act === 'wake') this.wake(machine);
    if (act === 'close' && !machine.isHanging) void machine.worker?.close().catch(() => undefined);
    if (act === 'hang' || act === 'crash' || act === 'replace') this.suspend(machine);
    if (act === 'crash') this.machines.delete(place);
    if (act === 'replace') this.replace(place, machine);
  }

  /** All zombies wake, faults end, somebody works: until every input is read and committed. */
  async settle(places: number): Promise<void> {
    this.note('all', 'settle');
    this.hasFaults = false;
    for (const switchOff of this.switchOffs) switchOff();
    for (const machine of [...this.machines.values(), ...this.replaced]) this.wake(machine);
    for (let step = 0; step < maxSettleSteps; step += 1) {
      for (let place = 0; place < places; place += 1) this.act('start', place);
      await this.runtime.advance(settleStepMs);
      if (await this.isSettled()) return;
    }
    throw new Error(`Not settled after ${maxSettleSteps * settleStepMs} ms.`);
  }

  private start(place: number): void {
    const name = `w${place}.${this.lives}`;
    const process = this.runtime.createProcess();
    const disk = this.disks.get(place) ?? survivingState();
    this.disks.set(place, disk);
    const machine: Machine = { name, process, disk, worker: null, isHanging: false, isOver: false };
    this.machines.set(place, machine);
    this.note(name, 'start');
    this.lives += 1;
    const end = (what: string) => {
      machine.isOver = true;
      this.note(name, what);
    };
    this.run(place, machine).then(
      (worker) => {
        machine.worker = worker;
        worker.finished.then(
          () => end('closed'),
          (error: unknown) => {
            this.failures.push(codeOf(error));
            end(`stopped by ${codeOf(error)}`);
          },
        );
      },
      // Whoever starts a worker is told so and tries again.
      (error: unknown) => end(`not started: ${codeOf(error)}`),
    );
  }

  private run(place: number, { name, process, disk }: Machine): Promise<Worker> {
    const { topology, guarantee, standbyReplicas = 0, beforeLog = (log) => log } = this.options;
    return run(this.options.topologyFor?.(process) ?? topology, {
      log: beforeLog(processLog(this.shared, process, this.networkOf(name, process))),
      standbyReplicas,
      runtime: process,
      state: watchingOverlaps(disk, this.overlaps),
      guarantee,
      instanceId: `worker-${place}`,
      commitInterval: '40ms',
      heartbeatInterval: '50ms',
      sessionTimeout: '600ms',
      maxTaskIdle: 'forever',
      logger: {
        debug: () => undefined,
        info: () => undefined,
        warn: (message) => this.note(name, message),
        error: (message) => this.note(name, message),
      },
    });
  }

  /** Slow, disturbed, and silent while the process hangs. */
  private networkOf(name: string, process: SimulatedProcess): Intercept {
    const { scheduler } = process;
    const { commitLatencyMs = latencyMs } = this.options;
    const seed = this.options.seed + this.lives;
    const injector = createFaultInjector({
      seed,
      scheduler,
      maxDelayMs,
      rates: this.options.rates,
    });
    if (!this.hasFaults) injector.switchOff();
    this.switchOffs.push(() => injector.switchOff());
    return async (request, go) => {
      const seen = injector.trace.length;
      const wayMs = commitApis.has(request.api) ? commitLatencyMs : latencyMs;
      await scheduler.sleep(wayMs);
      try {
        return await injector.intercept(request, go);
      } finally {
        await scheduler.sleep(wayMs);
        for (const { api, outcome } of injector.trace.slice(seen)) {
          if (outcome !== 'answered') this.note(name, `${api} ${outcome}`);
        }
      }
    };
  }

  /** Another process under the same name, on another machine; the old one may come back. */
  private replace(place: number, machine: Machine): void {
    this.replaced.push(machine);
    this.machines.delete(place);
    this.disks.delete(place);
    this.start(place);
  }

  private suspend(machine: Machine): void {
    machine.process.suspend();
    machine.isHanging = true;
  }

  private wake(machine: Machine): void {
    if (!machine.isHanging) return;
    machine.process.resume();
    machine.isHanging = false;
  }

  /** Everything is read and committed, and no transaction of a dead worker hides anything. */
  private async isSettled(): Promise<boolean> {
    const { application, subTopologies } = this.options.topology;
    const inputs = await this.placesOf(
      subTopologies.flatMap((part) => part.inputs.map(({ topic }) => topic)),
    );
    const { broker } = this.shared;
    const committed = broker.committedOffsets(application, inputs);
    const isRead = broker.ends(inputs).every(({ logEndOffset }, index) => {
      return logEndOffset === (committed[index]?.offset ?? 0);
    });
    const outputs = broker.ends(await this.placesOf(this.options.outputs));
    const isStable = outputs.every((ends) => ends.lastStableOffset === ends.logEndOffset);
    return isRead && isStable;
  }

  private async placesOf(topics: readonly string[]): Promise<readonly TopicPartition[]> {
    const described = await this.log.admin.describeTopics([...new Set(topics)]);
    return [...described.values()].flatMap(({ topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
  }

  private note(who: string, what: string): void {
    this.trace.push(`${this.runtime.clock.monotonicTimeMs()} ${who} ${what}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : String(error);
}
