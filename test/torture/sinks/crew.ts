import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeliveryStep,
  maxUntilStepMs,
  type SinkWorkerOptions,
  type StrikeOrder,
} from './worker-options.ts';

/** A worker that ends by itself is started again after this long, as a supervisor would. */
const restartMs = 1_000;
const lastLines = 20;
const pollMs = 5;

interface Place {
  readonly name: string;
  child: ChildProcess | null;
  isFrozen: boolean;
}

export interface SinkCrewOptions extends Omit<SinkWorkerOptions, 'instanceId' | 'stateDir'> {
  readonly workers: number;
  readonly directory: string;
}

/** Who is to be struck, and before which step; null: at once. */
export interface Aim {
  readonly choice: number;
  readonly step: DeliveryStep | null;
}

/** The worker processes, each with an id and a log file that it keeps. */
export class SinkCrew {
  /** Ends that nobody asked for. */
  readonly complaints: string[] = [];
  private readonly places: readonly Place[];
  private isStopping = false;

  constructor(private readonly options: SinkCrewOptions) {
    this.places = Array.from({ length: options.workers }, (_, index) => {
      return { name: `worker-${index}`, child: null, isFrozen: false };
    });
  }

  start(): void {
    for (const place of this.places) this.launch(place);
  }

  /** SIGKILL, then a new start. False: there is none to kill. */
  async kill(aim: Aim, downMs: number): Promise<boolean> {
    const awake = this.awake(aim.choice);
    if (awake === null) return false;
    const { place, child } = awake;
    place.child = null;
    const exited = once(child, 'exit');
    await strike(child, aim.step, 'SIGKILL');
    await exited;
    await sleep(downMs);
    if (!this.isStopping) this.launch(place);
    return child.signalCode === 'SIGKILL';
  }

  /** Stands still for so long, then goes on. */
  async freeze(aim: Aim, frozenMs: number): Promise<boolean> {
    const awake = this.awake(aim.choice);
    if (awake === null) return false;
    const { place, child } = awake;
    place.isFrozen = true;
    await strike(child, aim.step, 'SIGSTOP');
    const hasStopped = child.exitCode === null && child.signalCode === null;
    await sleep(frozenMs);
    child.kill('SIGCONT');
    place.isFrozen = false;
    return hasStopped;
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

  private awake(choice: number) {
    const awake = this.places.flatMap((place) => {
      const { child, isFrozen } = place;
      return child === null || isFrozen ? [] : [{ place, child }];
    });
    return awake[Math.floor(choice * awake.length)] ?? null;
  }

  private launch(place: Place): void {
    const { directory, workers: _, ...common } = this.options;
    const stateDir = join(directory, place.name);
    const options: SinkWorkerOptions = { ...common, instanceId: place.name, stateDir };
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
    const said = readFileSync(join(this.options.directory, `${place.name}.log`), 'utf8');
    const lastWords = said.trim().split('\n').slice(-lastLines).join('\n    ');
    this.complaints.push(`${place.name} ended by itself with code ${code}\n    ${lastWords}`);
    if (this.isStopping) return;
    await sleep(restartMs);
    if (place.child === child) this.launch(place);
  }
}

/** By its own hand at the step, or from here if it does not come to it. */
async function strike(
  child: ChildProcess,
  step: DeliveryStep | null,
  signal: StrikeOrder['signal'],
): Promise<void> {
  if (step !== null && child.connected) {
    child.send({ step, signal, askedMs: Date.now() } satisfies StrikeOrder);
    for (let waitedMs = 0; waitedMs < maxUntilStepMs && !isStopped(child); waitedMs += pollMs) {
      await sleep(pollMs);
    }
  }
  if (!isStopped(child)) child.kill(signal);
  while (!isStopped(child)) await sleep(pollMs);
}

/** Whether it stands still, or is gone. */
function isStopped({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (exitCode !== null || signalCode !== null) return true;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return /^[TZ]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}
