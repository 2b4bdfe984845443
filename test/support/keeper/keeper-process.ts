import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import type { KeeperOptions, KeeperReport } from './keeper-options.ts';

const extension = extname(import.meta.filename);
const hooks = join(import.meta.dirname, '../register-typescript.mjs');

/** A worker in a process of its own, which keeps the last value of each key. */
export class KeeperProcess {
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly exited: Promise<NodeJS.Signals | null>;
  report: KeeperReport | null = null;
  private hasExited = false;
  private readonly child: ChildProcess;
  private listeners: (() => void)[] = [];

  constructor(options: KeeperOptions) {
    const script = join(import.meta.dirname, `main${extension}`);
    const execArgv = extension === '.ts' ? ['--import', hooks] : [];
    this.child = fork(script, [JSON.stringify(options)], { execArgv });
    this.child.on('message', (message) => {
      this.report = message as KeeperReport; // what main.ts sends
      this.notify();
    });
    this.exited = once(this.child, 'exit').then(() => {
      this.hasExited = true;
      this.notify();
      return this.child.signalCode;
    });
  }

  /** Resolves with the first report from now on that is enough; rejects if the process ends. */
  async until(isEnough: (report: KeeperReport) => boolean): Promise<KeeperReport> {
    for (;;) {
      if (this.report !== null && isEnough(this.report)) return this.report;
      if (this.hasExited) throw new Error('The keeper has ended by itself.');
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
  }

  /** Resolves once `count` tasks run and each of them has had its part in a commit. */
  async untilCommitting(count: number): Promise<KeeperReport> {
    const { commits } = await this.until(({ runningTasks }) => runningTasks === count);
    // The next one may have begun before.
    return this.until((report) => report.commits >= commits + 2);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Lets it commit and leave. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const signal = await this.exited;
    if (signal === null && this.child.exitCode === 0) return;
    throw new Error(`The keeper did not stop clean: ${signal ?? this.child.exitCode}.`);
  }

  private notify(): void {
    for (const resolve of this.listeners.splice(0)) resolve();
  }
}
