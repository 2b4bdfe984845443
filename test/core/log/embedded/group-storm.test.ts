import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFaultInjector } from '../../../../src/core/log/embedded/fault-injector.ts';
import type { FaultInjector } from '../../../../src/core/log/embedded/fault-injector.ts';
import { GroupCoordinator } from '../../../../src/core/log/embedded/group-coordinator.ts';
import { interceptGroup } from '../../../../src/core/log/embedded/group-intercept.ts';
import type { GroupMetadata } from '../../../../src/core/log/port.ts';
import {
  createSimulatedRuntime,
  type SimulatedProcess,
  type SimulatedRuntime,
} from '../../../../src/core/runtime/simulated-runtime.ts';
import {
  GROUP,
  roundRobin,
  SESSION_TIMEOUT_MS,
  TestMember,
} from '../../../support/group-fixture.ts';
import { propertyOptions } from '../../../support/property-options.ts';

const PARTITIONS = 5;
const WORKERS = 4;
const LATENCY_MS = 5;

interface Worker {
  readonly member: TestMember;
  readonly process: SimulatedProcess;
  isLeaving: boolean;
}

type Act = 'start' | 'leave' | 'rejoin' | 'suspend' | 'resume' | 'crash';

type Step =
  | { readonly kind: 'advance'; readonly durationMs: number }
  | { readonly kind: Act; readonly worker: number };

const advance = fc.record({
  kind: fc.constant('advance' as const),
  durationMs: fc.constantFrom(1, 7, 30, 110, 400, 1_500),
});
const calmKinds = ['start', 'start', 'leave', 'rejoin'] as const;
const wildKinds = [...calmKinds, 'suspend', 'resume', 'crash'] as const;
const stepsOf = (kinds: readonly Act[]) => {
  const act = fc.record({ kind: fc.constantFrom(...kinds), worker: fc.nat(WORKERS - 1) });
  return fc.array(fc.oneof(advance, act, act), { maxLength: 25 });
};

/** Workers that come, go, hang and die; every answer takes its time, some never come. */
class Storm {
  readonly runtime: SimulatedRuntime;
  readonly coordinator: GroupCoordinator;
  readonly injectors: FaultInjector[] = [];
  readonly workers: (Worker | null)[] = new Array<null>(WORKERS).fill(null);
  private readonly zombies: Worker[] = [];
  private readonly past: GroupMetadata[] = [];

  constructor(
    private readonly seed: number,
    private readonly isWild: boolean,
  ) {
    this.runtime = createSimulatedRuntime({ seed });
    this.coordinator = new GroupCoordinator(this.runtime);
  }

  async play(step: Step): Promise<void> {
    if (step.kind === 'advance') return this.runtime.advance(step.durationMs);
    const worker = this.workers[step.worker];
    if (worker) this.act(step.kind, step.worker, worker);
    else if (step.kind === 'start') this.start(step.worker);
  }

  /** No partition has two owners who could commit; in a calm storm it never has two owners. */
  checkOwners(): void {
    const everybody = [...this.workers, ...this.zombies].filter((worker) => worker !== null);
    const owners = everybody.filter(
      ({ member }) => !this.isWild || this.mayCommit(member.metadata),
    );
    const owned = owners.flatMap(({ member }) => [...member.owned]);
    expect(owned.toSorted()).toEqual([...new Set(owned)].toSorted());
  }

  /** Nobody commits under a generation that is over. */
  checkStale(): void {
    const { generation } = this.coordinator.describe(GROUP);
    const stale = this.past.filter((metadata) => metadata.generation < generation);
    expect(stale.filter((metadata) => this.mayCommit(metadata))).toEqual([]);
  }

  private mayCommit(metadata: GroupMetadata): boolean {
    try {
      this.coordinator.check(metadata);
      return true;
    } catch {
      return false;
    }
  }

  private start(index: number): void {
    const process = this.runtime.createProcess();
    const { scheduler } = process;
    const rates = { delay: 0.2, fail: this.isWild ? 0.15 : 0, loseAnswer: this.isWild ? 0.15 : 0 };
    // One for each process: what a dead one has not sent yet is never sent.
    const seed = this.seed + this.injectors.length;
    const injector = createFaultInjector({ seed, scheduler, rates, maxDelayMs: 60 });
    this.injectors.push(injector);
    const member = new TestMember({
      instanceId: `worker-${index}`,
      runtime: process,
      client: interceptGroup(this.coordinator, networkOf(process, injector)),
      assignor: roundRobin(PARTITIONS),
      whileRevoking: () => scheduler.sleep(40),
      onChange: ({ metadata }) => {
        this.past.push(metadata);
        this.checkOwners();
      },
    });
    this.workers[index] = { member, process, isLeaving: false };
    void member.join();
  }

  private act(kind: Act, index: number, worker: Worker): void {
    const { member, process } = worker;
    if (kind === 'rejoin') member.membership?.rejoin();
    if (kind === 'resume') process.resume();
    if (kind === 'suspend' || kind === 'crash') process.suspend();
    if (kind === 'crash') {
      this.zombies.push(worker);
      this.workers[index] = null;
    }
    if (kind === 'leave' && !worker.isLeaving && member.membership !== null) {
      worker.isLeaving = true;
      void member.leave().then(() => {
        if (this.workers[index] === worker) this.workers[index] = null;
      });
    }
  }
}

/** Requests of one process: slow, disturbed, and never answered while the process hangs. */
function networkOf(process: SimulatedProcess, injector: FaultInjector): FaultInjector['intercept'] {
  return async (request, run) => {
    await process.scheduler.sleep(LATENCY_MS);
    try {
      return await injector.intercept(request, run);
    } finally {
      await process.scheduler.sleep(LATENCY_MS);
    }
  };
}

function stormLaw(isWild: boolean) {
  return async (seed: number, steps: readonly Step[]): Promise<void> => {
    const storm = new Storm(seed, isWild);
    for (const step of steps) {
      await storm.play(step);
      storm.checkOwners();
      storm.checkStale();
    }
    for (const injector of storm.injectors) injector.switchOff();
    for (const worker of storm.workers) worker?.process.resume();
    await storm.runtime.advance(10 * SESSION_TIMEOUT_MS);
    const living = storm.workers.filter((worker) => worker !== null);
    const owned = living.flatMap(({ member }) => [...member.owned]).toSorted();
    expect(owned).toEqual(living.length === 0 ? [] : [0, 1, 2, 3, 4]);
    expect(living.map(({ member }) => member.failure)).toEqual(living.map(() => null));
    expect(storm.coordinator.describe(GROUP).memberIds.length).toBe(living.length);
    if (!isWild) expect(living.flatMap(({ member }) => member.events)).not.toContain('lost');
    storm.checkStale();
  };
}

it('a calm storm: one owner at every moment, and in the end all partitions are owned', async () => {
  const law = fc.asyncProperty(fc.nat(), stepsOf(calmKinds), stormLaw(false));
  await fc.assert(law, propertyOptions(150));
});

it('a wild storm: one owner that may commit at every moment, and it settles', async () => {
  const law = fc.asyncProperty(fc.nat(), stepsOf(wildKinds), stormLaw(true));
  await fc.assert(law, propertyOptions(250));
});

it('the same seed and steps give the same history', async () => {
  const history = async () => {
    const storm = new Storm(42, true);
    const events: string[] = [];
    const [steps] = fc.sample(stepsOf(wildKinds), { seed: 42, numRuns: 1 });
    for (const step of steps ?? []) {
      await storm.play(step);
      events.push(JSON.stringify(storm.workers.map((worker) => worker?.member.events ?? null)));
    }
    return [events, storm.injectors.map(({ trace }) => trace), storm.coordinator.describe(GROUP)];
  };
  expect(await history()).toEqual(await history());
});
