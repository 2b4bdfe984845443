import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxUntilStepMs, type Step, type StrikeOrder } from './steps.ts';
import type { WorkerPlace } from './work.ts';

/** A worker that ends by itself is started again after this long, as a supervisor would. */
const restartMs = 1_000;
const lastLines = 40;
const pollMs = 5;

export interface CrewOptions {
  readonly workers: number;
  /** What each runs. */
  readonly script: string;
  /** What one that starts now is told besides its place. */
  readonly told: () => object;
  readonly directory: string;
}

/** Who is to be struck, and before which step; null: at once. */
export interface Aim {
  /** From 0 to below 1: which of those that are awake. */
  readonly choice: number;
  readonly step: Step | null;
}

interface Member extends WorkerPlace {
  child: ChildProcess | null;
  isFrozen: boolean;
}

/** Worker processes, each with an id, a state directory and a log file that it keeps. */
export class Crew {
  /** Ends that nobody asked for. */
  readonly complaints: string[] = [];
  private readonly members: readonly Member[];
  private isStopping = false;

  constructor(private readonly options: CrewOptions) {
    this.members = Array.from({ length: options.workers }, (_, index) => {
      const instanceId = `worker-${index}`;
      const stateDir = join(options.directory, instanceId);
      return { instanceId, stateDir, child: null, isFrozen: false };
    });
  }

  get size(): number {
    return this.members.length;
  }

  start(): void {
    for (const member of this.members) this.launch(member);
  }

  /** SIGKILL, then a new start, on a new disk if asked. False: there was none to kill. */
  async kill(aim: Aim, downMs: number, isDiskLost: boolean): Promise<boolean> {
    const awake = this.awake(aim.choice);
    if (awake === null) return false;
    const { member, child } = awake;
    member.child = null;
    const exited = once(child, 'exit');
    await strike(child, aim.step, 'SIGKILL');
    await exited;
    await sleep(downMs);
    if (isDiskLost) await rm(member.stateDir, { recursive: true, force: true });
    if (!this.isStopping) this.launch(member);
    return child.signalCode === 'SIGKILL';
  }

  /** A clean stop and a new start, as in a deploy. False: there was none to stop. */
  async restart(choice: number): Promise<boolean> {
    const awake = this.awake(choice);
    if (awake === null) return false;
    const { member, child } = awake;
    member.child = null;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    // Before it has begun to listen the signal just ends it.
    const isClean = child.exitCode === 0 || child.signalCode === 'SIGTERM';
    if (!isClean) this.complain(member, `stopped with code ${child.exitCode}`);
    if (!this.isStopping) this.launch(member);
    return true;
  }

  /** Stands still for so long, then goes on. False: there was none to stop. */
  async freeze(aim: Aim, frozenMs: number): Promise<boolean> {
    const awake = this.awake(aim.choice);
    if (awake === null) return false;
    const { member, child } = awake;
    member.isFrozen = true;
    await strike(child, aim.step, 'SIGSTOP');
    const hasStopped = child.exitCode === null && child.signalCode === null;
    await sleep(frozenMs);
    child.kill('SIGCONT');
    member.isFrozen = false;
    return hasStopped;
  }

  /** Tells it all that run. */
  tell(message: object): void {
    for (const { child } of this.members) if (child?.connected === true) child.send(message);
  }

  /** All of them, clean. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(
      this.members.map(async ({ child }) => {
        if (child === null) return;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }),
    );
  }

  killAll(): void {
    this.isStopping = true;
    for (const { child } of this.members) child?.kill('SIGKILL');
  }

  private awake(choice: number) {
    const awake = this.members.flatMap((member) => {
      const { child, isFrozen } = member;
      return child === null || isFrozen ? [] : [{ member, child }];
    });
    return awake[Math.floor(choice * awake.length)] ?? null;
  }

  private launch(member: Member): void {
    const { script, told } = this.options;
    const { instanceId, stateDir } = member;
    const output = openSync(this.logOf(member), 'a');
    const child = fork(script, [JSON.stringify({ ...told(), instanceId, stateDir })], {
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    member.child = child;
    child.once('exit', (code) => void this.ended(member, child, code));
  }

  private async ended(member: Member, child: ChildProcess, code: number | null): Promise<void> {
    if (member.child !== child) return;
    // There is nobody to strike until the next one is there.
    member.child = null;
    if (this.isStopping && code === 0) return;
    this.complain(member, `ended by itself with code ${code}`);
    if (this.isStopping) return;
    await sleep(restartMs);
    if (!this.isStopping) this.launch(member);
  }

  private complain(member: Member, what: string): void {
    const said = readFileSync(this.logOf(member), 'utf8');
    const lastWords = said.trim().split('\n').slice(-lastLines).join('\n    ');
    this.complaints.push(`${member.instanceId} ${what}\n    ${lastWords}`);
  }

  private logOf({ instanceId }: WorkerPlace): string {
    return join(this.options.directory, `${instanceId}.log`);
  }
}

/** By its own hand at the step, or from here if it does not come to it. */
async function strike(
  child: ChildProcess,
  step: Step | null,
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
