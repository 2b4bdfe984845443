import { beforeEach, describe, expect, it } from 'vitest';
import { defaultRestartPolicy } from '../../../src/cli/supervisor/restart-policy.ts';
import { Supervisor } from '../../../src/cli/supervisor/supervisor.ts';
import type { ProcessListener, WorkerProcess } from '../../../src/cli/supervisor/worker-process.ts';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import {
  createSimulatedRuntime,
  type SimulatedRuntime,
} from '../../../src/core/runtime/simulated-runtime.ts';

/** The process of a worker, which does what the test says. */
class ScriptedProcess implements WorkerProcess {
  readonly pid = 1;
  isAskedToStop = false;
  isKilled = false;

  constructor(
    readonly index: number,
    private readonly listener: ProcessListener,
  ) {}

  requestStop(): void {
    this.isAskedToStop = true;
  }

  kill(): void {
    this.isKilled = true;
  }

  runs(): void {
    this.listener.onRunning();
  }

  ends(code: number): void {
    this.listener.onEnd({ code, signal: null });
  }

  isEndedBy(signal: string): void {
    this.listener.onEnd({ code: null, signal });
  }
}

const { healthyMs, maxRestarts } = defaultRestartPolicy;
const stopTimeoutMs = 1_000;

let runtime: SimulatedRuntime;
let processes: ScriptedProcess[];
let lines: string[];

beforeEach(() => {
  runtime = createSimulatedRuntime({ seed: 1 });
  processes = [];
  lines = [];
});

function start(workers: number): Supervisor {
  const supervisor = new Supervisor({
    workers,
    startProcess(index, listener) {
      const process = new ScriptedProcess(index, listener);
      processes.push(process);
      return process;
    },
    policy: defaultRestartPolicy,
    stopTimeoutMs,
    runtime,
    logger: {
      ...silentLogger,
      warn: (message) => void lines.push(message),
      error: (message) => void lines.push(message),
    },
  });
  supervisor.start();
  return supervisor;
}

/** The latest process of a worker. */
function latest(index: number): ScriptedProcess {
  const process = processes.findLast((one) => one.index === index);
  if (process === undefined) throw new Error(`Worker ${index} was not started.`);
  return process;
}

const startsOf = (index: number) => processes.filter((one) => one.index === index).length;

describe('a supervisor', () => {
  it('starts a process per worker, numbered from 1', () => {
    start(3);
    expect(processes.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  it('ends clean once all workers ended clean', async () => {
    const supervisor = start(2);
    latest(1).ends(0);
    latest(2).ends(0);
    expect(await supervisor.finished).toBe(0);
    expect(processes).toHaveLength(2);
  });

  it('starts a failed worker again after its delay, and leaves the others alone', async () => {
    start(2);
    latest(2).ends(1);
    await runtime.advance(249);
    expect(startsOf(2)).toBe(1);
    await runtime.advance(1);
    expect(startsOf(2)).toBe(2);
    latest(2).isEndedBy('SIGSEGV');
    await runtime.advance(499);
    expect(startsOf(2)).toBe(2);
    await runtime.advance(1);
    expect(startsOf(2)).toBe(3);
    expect(startsOf(1)).toBe(1);
    expect(latest(1).isAskedToStop).toBe(false);
  });

  it('waits as little as at first after a healthy time', async () => {
    start(1);
    for (let failure = 0; failure < 5; failure += 1) {
      latest(1).ends(1);
      await runtime.runUntilIdle();
    }
    latest(1).runs();
    await runtime.advance(healthyMs);
    latest(1).ends(1);
    await runtime.advance(250);
    expect(startsOf(1)).toBe(7);
  });

  it('does not take a long start for health', async () => {
    start(1);
    latest(1).ends(1);
    await runtime.runUntilIdle();
    await runtime.advance(healthyMs);
    latest(1).ends(1);
    await runtime.advance(250);
    expect(startsOf(1)).toBe(2);
  });

  it('starts a worker that asks for it again and again, without delay', async () => {
    start(1);
    for (let restart = 0; restart < 2 * maxRestarts; restart += 1) {
      latest(1).ends(75);
      await runtime.advance(0);
    }
    expect(startsOf(1)).toBe(2 * maxRestarts + 1);
    expect(lines).toEqual([]);
  });

  it('gives up with the code of a worker that fails too often, and stops the others', async () => {
    const supervisor = start(2);
    for (let failure = 0; failure <= maxRestarts; failure += 1) {
      latest(1).ends(7);
      await runtime.runUntilIdle();
    }
    expect(startsOf(1)).toBe(maxRestarts + 1);
    expect(lines).toContain(
      'worker 1 ended with code 7: it has failed 11 times in a row, and is given up',
    );
    expect(latest(2).isAskedToStop).toBe(true);
    latest(2).ends(0);
    expect(await supervisor.finished).toBe(7);
  });

  it('does not try again what was wrong usage', async () => {
    const supervisor = start(2);
    latest(2).ends(2);
    expect(latest(1).isAskedToStop).toBe(true);
    latest(1).ends(2);
    await runtime.runUntilIdle();
    expect(processes).toHaveLength(2);
    expect(await supervisor.finished).toBe(2);
  });
});

describe('a supervisor that is asked to stop', () => {
  it('asks its workers, and ends clean with the last of them', async () => {
    const supervisor = start(2);
    latest(1).runs();
    supervisor.stop('SIGTERM');
    supervisor.stop('SIGTERM');
    expect(processes.map(({ isAskedToStop }) => isAskedToStop)).toEqual([true, true]);
    latest(1).ends(0);
    latest(2).ends(0);
    await runtime.advance(stopTimeoutMs);
    expect(await supervisor.finished).toBe(0);
    expect(processes.some(({ isKilled }) => isKilled)).toBe(false);
  });

  it('starts nothing any more', async () => {
    const supervisor = start(2);
    latest(1).ends(1);
    supervisor.stop('SIGTERM');
    latest(2).ends(75);
    await runtime.runUntilIdle();
    expect(processes).toHaveLength(2);
    expect(await supervisor.finished).toBe(1);
  });

  it('takes the signal that reached a worker in its first moments for a clean end', async () => {
    const supervisor = start(1);
    supervisor.stop('SIGINT');
    latest(1).isEndedBy('SIGINT');
    expect(await supervisor.finished).toBe(0);
  });

  it('kills what has not stopped by the deadline, and ends with 1', async () => {
    const supervisor = start(2);
    supervisor.stop('SIGTERM');
    latest(1).ends(0);
    await runtime.advance(stopTimeoutMs - 1);
    expect(latest(2).isKilled).toBe(false);
    await runtime.advance(1);
    expect(latest(1).isKilled).toBe(false);
    expect(latest(2).isKilled).toBe(true);
    latest(2).isEndedBy('SIGKILL');
    expect(await supervisor.finished).toBe(1);
  });

  it('waits for no worker that waits for its restart', async () => {
    const supervisor = start(1);
    latest(1).ends(1);
    supervisor.stop('SIGTERM');
    expect(await supervisor.finished).toBe(0);
    await runtime.runUntilIdle();
    expect(processes).toHaveLength(1);
  });
});
