import { join } from 'node:path';
import type { Log } from '../../src/core/log/port.ts';
import { changelogTopic } from '../../src/core/topology/names.ts';
import { type KeeperOptions, keeperStore } from '../../test/support/keeper/keeper-options.ts';
import { KeeperProcess } from '../../test/support/keeper/keeper-process.ts';
import { partitionsOf } from '../log/read-topic.ts';
import type { RestartResult } from './restart-report.ts';

const defaultSessionMs = 45_000;
const shortSessionMs = 6_000;

export interface ScenarioOptions {
  readonly log: Log;
  readonly brokers: readonly string[];
  readonly application: string;
  readonly input: string;
  readonly output: string;
  readonly partitions: number;
  /** Holds a state directory for each machine there is meant to be. */
  readonly directory: string;
  readonly onResult: (result: RestartResult) => void;
}

/** The machine, the worker's id and what else there is to be chosen. */
interface Place extends Partial<Pick<KeeperOptions, 'sessionTimeout' | 'standbyReplicas'>> {
  readonly machine: string;
  readonly instanceId: string;
}

interface Measured {
  readonly scenario: string;
  readonly startMs: number;
  readonly keeper: KeeperProcess;
}

const home: Place = { machine: 'home', instanceId: 'one' };

/** The ends and starts of a worker, one after the other, under load. */
export class RestartScenarios {
  constructor(private readonly options: ScenarioOptions) {}

  start(place: Place = home): KeeperProcess {
    const { brokers, application, input, output, directory } = this.options;
    const { machine, instanceId, sessionTimeout = defaultSessionMs, standbyReplicas = 0 } = place;
    const stateDir = join(directory, machine);
    const own = { instanceId, stateDir, sessionTimeout, standbyReplicas };
    const usual = { deathAt: null, transactionTimeoutMs: null };
    return new KeeperProcess({ brokers, application, input, output, ...own, ...usual });
  }

  async killed(keeper: KeeperProcess): Promise<KeeperProcess> {
    await this.untilWorking(keeper);
    await keeper.kill();
    return this.startMeasured('killed, started again');
  }

  async stopped(keeper: KeeperProcess): Promise<KeeperProcess> {
    await keeper.stop();
    return this.startMeasured('stopped, started again');
  }

  async moved(keeper: KeeperProcess): Promise<KeeperProcess> {
    await keeper.stop();
    return this.startMeasured('stopped, started with an empty directory', {
      ...home,
      machine: 'new',
    });
  }

  async replaced(keeper: KeeperProcess): Promise<KeeperProcess> {
    await keeper.stop();
    const session = { sessionTimeout: shortSessionMs };
    const first = this.start({ ...home, ...session });
    await this.untilWorking(first);
    const startMs = performance.now();
    await first.kill();
    const second = this.start({ machine: home.machine, instanceId: 'two', ...session });
    await this.report({ scenario: 'killed, another id on its disk', startMs, keeper: second });
    return second;
  }

  async takenOver(keeper: KeeperProcess): Promise<KeeperProcess> {
    await keeper.stop();
    const { partitions } = this.options;
    const common = { sessionTimeout: shortSessionMs, standbyReplicas: 1 };
    const pair = [
      this.start({ ...home, ...common }),
      this.start({ machine: 'new', instanceId: 'three', ...common }),
    ] as const;
    const [first, second] = pair;
    const half = partitions / 2;
    for (const one of pair) {
      await one.until((now) => now.runningTasks === half && now.readyCopies === half);
    }
    const before = second.report?.restoredRecords ?? 0;
    const startMs = performance.now();
    await first.kill();
    const after = await second.untilCommitting(partitions);
    this.options.onResult({
      scenario: 'killed, taken over by its standby',
      firstCommitSeconds: null,
      allTasksSeconds: secondsSince(startMs),
      restoredRecords: after.restoredRecords - before,
      changelogRecords: await this.changelogRecords(),
    });
    return second;
  }

  private async untilWorking(keeper: KeeperProcess): Promise<void> {
    await keeper.untilCommitting(this.options.partitions);
  }

  private async startMeasured(scenario: string, place = home): Promise<KeeperProcess> {
    const startMs = performance.now();
    const keeper = this.start(place);
    await this.report({ scenario, startMs, keeper });
    return keeper;
  }

  private async report({ scenario, startMs, keeper }: Measured): Promise<void> {
    await keeper.until(({ commits, recordsIn }) => commits > 0 && recordsIn > 0);
    const firstCommitSeconds = secondsSince(startMs);
    const { restoredRecords } = await keeper.untilCommitting(this.options.partitions);
    const allTasksSeconds = secondsSince(startMs);
    const changelogRecords = await this.changelogRecords();
    const times = { firstCommitSeconds, allTasksSeconds };
    this.options.onResult({ scenario, ...times, restoredRecords, changelogRecords });
  }

  private async changelogRecords(): Promise<number> {
    const { log, application } = this.options;
    const places = await partitionsOf(log, changelogTopic(application, keeperStore));
    const ends = await log.admin.ends(places);
    return ends.reduce((sum, { logStartOffset, logEndOffset }) => {
      return sum + logEndOffset - logStartOffset;
    }, 0);
  }
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1_000;
}
