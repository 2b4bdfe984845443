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
} from '../../../../src/core/runtime/simulated-runtime.ts';
import { roundRobin, SESSION_TIMEOUT_MS, TestMember } from '../../../support/group-fixture.ts';
import { propertyOptions } from '../../../support/property-options.ts';

const PARTITIONS = 5;
const WORKERS = 4;
const LATENCY_MS = 5;

interface Worker {
  readonly member: TestMember;
  readonly process: SimulatedProcess;
  isAlive: boolean;
}

type Step =
  | { readonly kind: 'advance'; readonly durationMs: number }
  | {
      readonly kind: 'start' | 'leave' | 'rejoin' | 'suspend' | 'resume' | 'crash';
      readonly worker: number;
    };

const advance = fc.record({
  kind: fc.constant('advance' as const),
  durationMs: fc.constantFrom(1, 7, 30, 110, 400, 1_500),
});
const calmKinds = ['start', 'start', 'leave', 'rejoin'] as const;
const wildKinds = [...calmKinds, 'suspend', 'resume', 'crash'] as const;
const stepsOf = (kinds: readonly Exclude<Step['kind'], 'advance'>[]) => {
  const act = fc.record({ kind: fc.constantFrom(...kinds), worker: fc.nat(WORKERS - 1) });
  return fc.array(fc.oneof(advance, act, act), { maxLength: 25 });
};

/** Workers that come, go, hang and die; every answer takes its time, some never come. */
function createStorm(seed: number, faults: boolean) {
  const runtime = createSimulatedRuntime({ seed });
  const coordinator = new GroupCoordinator(runtime);
  const injector = createFaultInjector({
    seed,
    scheduler: runtime.scheduler,
    rates: faults
      ? { delay: 0.2, fail: 0.15, loseAnswer: 0.15 }
      : { delay: 0.2, fail: 0, loseAnswer: 0 },
    maxDelayMs: 60,
  });
  const workers: (Worker | null)[] = new Array<null>(WORKERS).fill(null);
  const zombies: Worker[] = [];
  const past: GroupMetadata[] = [];
  const mayCommit = (metadata: GroupMetadata) => {
    try {
      coordinator.check(metadata);
      return true;
    } catch {
      return false;
    }
  };
  const everybody = () => [...workers, ...zombies].filter((worker) => worker !== null);

  /** Every partition has one owner among those who could commit; a calm storm has no others. */
  function checkOwners(): void {
    const owners = everybody().filter(({ member }) => !faults || mayCommit(member.metadata));
    const owned = owners.flatMap(({ member }) => [...member.owned]);
    expect(owned.toSorted()).toEqual([...new Set(owned)].toSorted());
  }

  /** Nobody commits under a generation that is over. */
  function checkStale(): void {
    const { generation } = coordinator.describe('app');
    expect(past.filter((old) => old.generation < generation && mayCommit(old))).toEqual([]);
  }

  function start(index: number): void {
    const process = runtime.createProcess();
    const network = networkOf(process, injector);
    const member = new TestMember({
      instanceId: `worker-${index}`,
      runtime: process,
      client: interceptGroup(coordinator, network),
      assignor: roundRobin(PARTITIONS),
      whileRevoking: () => process.scheduler.sleep(40),
      onChange({ metadata }) {
        past.push(metadata);
        checkOwners();
      },
    });
    workers[index] = { member, process, isAlive: true };
    void member.join();
  }

  const acts: Record<Exclude<Step['kind'], 'advance'>, (index: number, worker: Worker) => void> = {
    start: () => undefined,
    leave(index, { member, isAlive }) {
      if (!isAlive || member.membership === null) return;
      workers[index] = null;
      void member.leave();
    },
    rejoin: (_, { member }) => member.membership?.rejoin(),
    suspend: (_, { process }) => process.suspend(),
    resume: (_, { process }) => process.resume(),
    crash(index, worker) {
      worker.process.suspend();
      zombies.push(worker);
      workers[index] = null;
    },
  };

  return {
    runtime,
    coordinator,
    injector,
    workers,
    checkOwners,
    checkStale,
    async play(step: Step): Promise<void> {
      if (step.kind === 'advance') return runtime.advance(step.durationMs);
      const worker = workers[step.worker];
      if (worker) acts[step.kind](step.worker, worker);
      else if (step.kind === 'start') start(step.worker);
    },
  };
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

function stormLaw(faults: boolean) {
  return async (seed: number, steps: readonly Step[]): Promise<void> => {
    const storm = createStorm(seed, faults);
    for (const step of steps) {
      await storm.play(step);
      storm.checkOwners();
      storm.checkStale();
    }
    storm.injector.switchOff();
    for (const worker of storm.workers) worker?.process.resume();
    await storm.runtime.advance(10 * SESSION_TIMEOUT_MS);
    const living = storm.workers.filter((worker) => worker !== null);
    const owned = living.flatMap(({ member }) => [...member.owned]).toSorted();
    expect(owned).toEqual(living.length === 0 ? [] : [0, 1, 2, 3, 4]);
    expect(living.map(({ member }) => member.failure)).toEqual(living.map(() => null));
    expect(storm.coordinator.describe('app').memberIds.length).toBe(living.length);
    if (!faults) expect(living.flatMap(({ member }) => member.events)).not.toContain('lost');
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
    const storm = createStorm(42, true);
    const events: string[] = [];
    const [steps] = fc.sample(stepsOf(wildKinds), { seed: 42, numRuns: 1 });
    for (const step of steps ?? []) {
      await storm.play(step);
      events.push(JSON.stringify(storm.workers.map((worker) => worker?.member.events ?? null)));
    }
    return [events, storm.injector.trace, storm.coordinator.describe('app')];
  };
  expect(await history()).toEqual(await history());
});
