import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '../../../examples/content-platform/topology.ts';
import { bytes, embedded, json, readCommitted } from '../../../src/index.ts';
import type { QuarantinedEvent } from '../../../src/topologies/intake.ts';
import { startTypeScript, type TypeScriptProcess } from '../../support/typescript-process.ts';

const program = new URL('../../../examples/content-platform/main.ts', import.meta.url);

/** The content platform as a program, with a directory of its own. */
export class PlatformRun {
  private readonly directory = mkdtempSync(join(tmpdir(), 'millrace-platform-'));

  constructor(
    private readonly events: number,
    private readonly sink: string,
  ) {}

  /** From the start, or from where it was killed. */
  start(): TypeScriptProcess {
    const { events, sink, directory } = this;
    return startTypeScript(program, [
      ...['--events', `${events}`, '--workers', '2', '--sink', sink],
      ...['--port', '0', '--dir', directory],
    ]);
  }

  /** What is in the quarantine, each with its first reason, as text. */
  async quarantined(): Promise<readonly string[]> {
    const log = embedded({ directory: join(this.directory, 'log') });
    try {
      const serdes = { key: bytes(), value: json<QuarantinedEvent>() };
      const records = await readCommitted(log, topics.quarantine, serdes);
      return records.map(({ value }) => quarantineText(value?.original, value?.reasons[0]?.rule));
    } finally {
      await log.close();
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function quarantineText(sent: unknown, rule: string | null | undefined): string {
  return JSON.stringify([sent, rule]);
}
