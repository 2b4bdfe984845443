import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommitStep, maxUntilStepMs } from './freezing-log.ts';
import type { WorkerOptions, WorkerOrder } from './worker-options.ts';

/** A worker that ends by itself is started again after this long, as a supervisor would. */
const restartMs = 1_000;
const lastLines = 40;
const pollMs = 5;
const fullSpeed = 1_000_000;

interface Place {
  readonly name: string;
  child: ChildProcess | null;
  isFrozen: boolean;
}

export interface CrewOptions extends Omit<WorkerOptions, 'instanceId' | 'stateDir'> {
  readonly workers: number;
  readonly directory: string;
}

/** The worker processes, each with an id, a state directory and a log file that it keeps. */
export class Crew {
  /** Ends that nobody asked for. */
  readonly complaints: string[] = [];
  private readonly places: readonly Place[];
  private recordsPerSecond: number;
  private isStopping = false;

  constructor(private readonly options: CrewOptions) {
    this.recordsPerSecond = options.recordsPerSecond;
    this.places = Array.from({ length: options.workers }, (_, index) => {
      return { name: `worker-${index}`, child: null, isFrozen: false };
    });
  }

  start(): void {
    for (const place of this.places) this.launch(place);
  }

  /** SIGKILL, then a new start, on a new disk if asked. Null: there is none to kill. */
  async kill(choice: number, downMs: number, isDiskLost: boolean): Promise<string | null> {
    const awake = this.awake(choice);
    if (awake === null) return null;
    const { place, child } = awake;
    place.child = null;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await sleep(downMs);
    if (isDiskLost) await rm(this.stateDirOf(place), { recursive: true, force: true });
    this.launch(place);
    return place.name;
  }

  /** A clean stop and a new start, as in a deploy. */
  async restart(choice: number): Promise<string | null> {
    const awake = this.awake(choice);
    if (awake === null) return null;
    const { place, child } = awake;
    place.child = null;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    // Before it has begun to listen the signal just ends it.
    const isClean = child.exitCode === 0 || child.signalCode === 'SIGTERM';
    if (!isClean) this.complain(place, `stopped with code ${child.exitCode}`);
    this.launch(place);
    return place.name;
  }

  /** Stops before that step of its next commit, for longer than the others wait for it. */
  async freeze(choice: number, step: CommitStep, frozenMs: number): Promise<string | null> {
    const awake = this.awake(choice);
    if (awake === null) return null;
    const { place, child } = awake;
    place.isFrozen = true;
    order(child, { freezeBefore: step, askedMs: Date.now() });
    for (let waitedMs = 0; !isStopped(child); waitedMs += pollMs) {
      if (waitedMs >= maxUntilStepMs) child.kill('SIGSTOP');
      await sleep(pollMs);
    }
    await sleep(frozenMs);
    child.kill('SIGCONT');
    place.isFrozen = false;
    return place.name;
  }

  /** From now on nothing is slowed down. */
  hurry(): void {
    this.recordsPerSecond = fullSpeed;
    for (const { child } of this.places) {
      if (child !== null) order(child, { recordsPerSecond: fullSpeed });
    }
  }

  /** All of them, clean. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(
      this.places.map(async ({ child }) => {
        if (child === null || child.exitCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }),
    );
  }

  killAll(): void {
    this.isStopping = true;
    for (const { child } of this.places) child?.kill('SIGKILL');
  }

  private stateDirOf({ name }: Place): string {
    return join(this.options.directory, name);
  }

  private awake(choice: number) {
    const awake = this.places.flatMap((place) => {
      const { child, isFrozen } = place;
      return child === null || isFrozen ? [] : [{ place, child }];
    });
    return awake[Math.floor(choice * awake.length)] ?? null;
  }

  private launch(place: Place): void {
    const { directory, workers: _, ...common } = this.options;
    const { recordsPerSecond } = this;
    const stateDir = this.stateDirOf(place);
    const options: WorkerOptions = {
      ...common,
      recordsPerSecond,
      instanceId: place.name,
      stateDir,
    };
    const output = openSync(join(directory, `${place.name}.log`), 'a');
    const script = join(import.meta.dirname, 'worker.js');
    const child = fork(script, [JSON.stringify(options)], {
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    place.child = child;
    child.once('exit', (code) => void this.ended(place, child, code));
  }

  private async ended(place: Place, child: ChildProcess, code: number | null): Promise<void> {
    if (place.child !== child || (this.isStopping && code === 0)) return;
    this.complain(place, `ended by itself with code ${code}`);
    if (this.isStopping) return;
    await sleep(restartMs);
    if (place.child === child) this.launch(place);
  }

  private complain({ name }: Place, what: string): void {
    const said = readFileSync(join(this.options.directory, `${name}.log`), 'utf8');
    const lastWords = said.trim().split('\n').slice(-lastLines).join('\n    ');
    this.complaints.push(`${name} ${what}\n    ${lastWords}`);
  }
}

function order(child: ChildProcess, what: WorkerOrder): void {
  if (child.connected) child.send(what);
}

/** Whether it stands still, or is gone. */
function isStopped({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (exitCode !== null || signalCode !== null) return true;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return /^[TZ]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}
