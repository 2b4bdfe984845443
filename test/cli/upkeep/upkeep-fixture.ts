import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadApplication } from '../../../src/cli/application.ts';
import { parseCommand } from '../../../src/cli/arguments.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { runUpkeep } from '../../../src/cli/upkeep/run-upkeep.ts';
import {
  embedded,
  type EmbeddedLog,
  int64,
  produce,
  readCommitted,
  run,
  string,
} from '../../../src/index.ts';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';
import { temporaryDirectory } from '../../support/log-fixture.ts';

export const appAt = (name: string): string =>
  fileURLToPath(new URL(`../apps/${name}`, import.meta.url));

const words = { key: string(), value: string() };
export const counts = { key: string(), value: int64() };

export interface Ended {
  readonly code: number;
  /** What it said, a line each. */
  readonly said: readonly string[];
  /** The error code it failed of. */
  readonly failure: unknown;
}

/** An application on an embedded log, started and looked after as by its operator. */
export class Workplace {
  readonly directory = temporaryDirectory();
  stateDir = join(this.directory, 'state');

  constructor(private readonly app: string) {}

  /** Runs a command on the application, in this process. */
  millrace(command: string, ...args: readonly string[]): Promise<Ended> {
    return this.upkeep([command, appAt(this.app), ...args]);
  }

  dlq(action: string, ...args: readonly string[]): Promise<Ended> {
    return this.upkeep(['dlq', action, appAt(this.app), ...args]);
  }

  dlqOf(topic: string, action: string): Promise<Ended> {
    return this.upkeep(['dlq', action, topic]);
  }

  private async upkeep(args: readonly string[]): Promise<Ended> {
    const parsed = parseCommand([...args, '--embedded', join(this.directory, 'log')], {});
    if (!('settings' in parsed) || parsed.type === 'run' || parsed.type === 'topologies') {
      throw new Error('It is no upkeep.');
    }
    const said: string[] = [];
    const output = {
      logger: silentLogger,
      announce: (line: string) => void said.push(line),
      fail: () => undefined,
    };
    try {
      const code = await runUpkeep(parsed, { output, runtime: systemRuntime });
      return { code, said, failure: null };
    } catch (error) {
      const failure = error instanceof Error && 'code' in error ? error.code : error;
      return { code: exitCodeOf(error), said, failure };
    }
  }

  async onLog<T>(work: (log: EmbeddedLog) => Promise<T>): Promise<T> {
    const log = embedded({ directory: join(this.directory, 'log'), partitions: 2 });
    try {
      return await work(log);
    } finally {
      await log.close();
    }
  }

  /** Sends records, runs the application until it has read them, and stops it. */
  async runWith(
    sent: readonly (readonly [string, number])[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { topology, options } = await loadApplication(appAt(this.app), settings);
    await this.onLog(async (log) => {
      const records = sent.map(([key, timestamp]) => ({ key, value: key, timestamp }));
      await produce(log, 'words', words, records);
      const worker = await run(topology, { ...options, log, stateDir: this.stateDir });
      await worker.caughtUp();
      await worker.close();
    });
  }

  /** `key=count` of a topic, by partition and offset. */
  async counted(topic: string): Promise<readonly string[]> {
    const records = await this.onLog((log) => readCommitted(log, topic, counts));
    return records.map(({ key, value }) => `${key}=${value}`);
  }
}
