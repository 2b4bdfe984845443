import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startTypeScript } from '../../support/typescript-process.ts';

const program = new URL('../../../examples/content-platform/main.ts', import.meta.url);
const patienceMs = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'millrace-endings-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(name: string, ...args: readonly string[]) {
  return startTypeScript(program, ['--port', '0', '--dir', join(folder, name), ...args]);
}

it(
  'a reader who goes away stops the program in good order',
  async () => {
    const { child, finished } = start('head');
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    const { code, output } = await finished;
    expect(output).not.toContain('EPIPE');
    expect(code).toBe(0);
  },
  patienceMs,
);

it(
  'a database of another kind is a wrong argument, and its password is not shown',
  async () => {
    const { code, output } = await start('other', '--sink', 'mysql://ann:secret@web/db').finished;
    expect(code).toBe(2);
    expect(output).toContain('A sink is clickhouse://');
    expect(output).not.toContain('secret');
  },
  patienceMs,
);
