import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embedded, produce, readCommitted, string } from '../../src/index.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';
import { startTypeScript, type TypeScriptProcess } from '../support/typescript-process.ts';

const entry = new URL('../../src/cli/main.ts', import.meta.url);
const appAt = (name: string) => fileURLToPath(new URL(`./apps/${name}`, import.meta.url));
const brokers = ['--brokers', 'localhost:9092'];
const serdes = { key: string(), value: string() };

let directory: string;
let started: TypeScriptProcess[];

beforeEach(() => {
  directory = temporaryDirectory();
  started = [];
});

afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ finished }) => finished));
});

function millrace(...args: readonly string[]): TypeScriptProcess {
  const process = startTypeScript(entry, args);
  started.push(process);
  return process;
}

/** On an embedded log of the test. */
function runApp(app: string, ...args: readonly string[]): TypeScriptProcess {
  const log = ['--embedded', join(directory, 'log'), '--state-dir', join(directory, 'state')];
  return millrace('run', appAt(app), ...log, ...args);
}

async function sendWords(...words: readonly string[]): Promise<void> {
  const log = embedded({ directory: join(directory, 'log') });
  const records = words.map((word) => ({ key: word, value: word, timestamp: 1 }));
  await produce(log, 'words', serdes, records);
  await log.close();
}

async function shoutedWords(): Promise<readonly (string | null)[]> {
  const log = embedded({ directory: join(directory, 'log') });
  const records = await readCommitted(log, 'shouted', serdes);
  await log.close();
  return records.map(({ value }) => value).sort();
}

const once = () => ['--set', `once=${join(directory, 'once')}`];

describe('the command', () => {
  it('explains itself', async () => {
    const { code, output } = await millrace('--help').finished;
    expect(code).toBe(0);
    expect(output).toContain('millrace run APP.js');
  });

  it('says its version', async () => {
    const { code, output } = await millrace('--version').finished;
    expect(code).toBe(0);
    expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with 2 for arguments it does not know', async () => {
    const { code, output } = await millrace('run', 'app.js', '--worker', '4').finished;
    expect(code).toBe(2);
    expect(output).toContain("Unknown option '--worker'");
    expect(output).toContain('--workers');
  });
});

describe('a worker in the foreground', () => {
  it('says when it runs, works, and ends with 0 after SIGTERM', async () => {
    await sendWords('hello', 'world');
    const worker = runApp('shouts.mjs');
    await worker.outputMatches(/shouting hello[\s\S]*shouting world|world[\s\S]*shouting hello/);
    await worker.outputMatches(/^worker 1 is running$/m);
    worker.child.kill('SIGTERM');
    const { code, output } = await worker.finished;
    expect(output).toContain('INFO worker 1: SIGTERM: the worker stops');
    expect(code).toBe(0);
    expect(await shoutedWords()).toEqual(['HELLO', 'WORLD']);
  });

  it('ends with 1 and the reason when it fails of a record', async () => {
    await sendWords('boom');
    const { code, output } = await runApp('shouts.mjs').finished;
    expect(code).toBe(1);
    expect(output).toContain('  PROCESSING: ');
    expect(output).toMatch(/Caused by: Error: this word is too loud\n.*shouts\.mjs/);
  });

  it('ends with 1 when the application rejects a promise that nobody catches', async () => {
    const { code, output } = await runApp('told.mjs', '--set', 'reject=yes').finished;
    expect(code).toBe(1);
    expect(output).toContain('nobody waits for this');
  });

  it('ends with 0 when it is stopped before it runs', async () => {
    const worker = runApp('told.mjs', '--set', 'wait=yes');
    await worker.outputMatches(/waiting for ever/);
    worker.child.kill('SIGINT');
    expect((await worker.finished).code).toBe(0);
  });

  it('ends although the application keeps something open', async () => {
    const worker = runApp('told.mjs', '--set', 'keep=yes');
    await worker.outputMatches(/is running/);
    worker.child.kill('SIGTERM');
    expect((await worker.finished).code).toBe(0);
  });

  it.each([
    ['app.mjs', 'export default {', 'It cannot be read'],
    ['app.coffee', 'a', 'This Node loads .js and .mjs modules'],
  ])('ends with 2 when %s cannot be loaded: %s', async (name, text, problem) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    const { code, output } = await millrace('run', file, ...brokers).finished;
    expect(code).toBe(2);
    expect(output).toContain(problem);
  });

  it('ends with 2 when there is no such application', async () => {
    const { code, output } = await runApp('missing.mjs').finished;
    expect(code).toBe(2);
    expect(output).toContain('There is no such file');
  });

  it('writes its log as JSON if asked to', async () => {
    const { output } = await runApp('missing.mjs', '--log-format', 'json').finished;
    expect(JSON.parse(output)).toMatchObject({
      level: 'error',
      source: 'worker 1',
      message: 'The worker has failed.',
      error: { name: 'ConfigError', code: 'BAD_OPTION' },
    });
  });

  describe('whose state never closes', () => {
    beforeEach(() => {
      process.env['HANG'] = 'yes';
    });
    afterEach(() => {
      delete process.env['HANG'];
    });

    it('ends with 1 at its deadline', async () => {
      const worker = runApp('told.mjs', '--stop-timeout', '1ms');
      await worker.outputMatches(/state is open/);
      await worker.outputMatches(/is running/);
      worker.child.kill('SIGTERM');
      const { code, output } = await worker.finished;
      expect(code).toBe(1);
      expect(output).toContain('took over 1 ms to stop');
    });

    it('ends at once by a second signal', async () => {
      const worker = runApp('told.mjs', '--stop-timeout', '1d');
      await worker.outputMatches(/state is open/);
      await worker.outputMatches(/is running/);
      worker.child.kill('SIGTERM');
      await worker.outputMatches(/the worker stops/);
      worker.child.kill('SIGINT');
      expect((await worker.finished).code).toBe(1);
    });
  });
});

describe('workers as processes', () => {
  it('stop in good order when their supervisor is asked to', async () => {
    await sendWords('hello');
    const supervisor = runApp('shouts.mjs', '--workers', '1');
    await supervisor.outputMatches(/shouting hello/);
    await supervisor.outputMatches(/worker 1 is running/);
    supervisor.child.kill('SIGTERM');
    const { code, output } = await supervisor.finished;
    expect(output).toContain('worker 1: The supervisor asks for it: the worker stops');
    expect(code).toBe(0);
    expect(await shoutedWords()).toEqual(['HELLO']);
  });

  it('are started again when they are killed', async () => {
    const supervisor = runApp('shouts.mjs', '--workers', '1');
    let log = '';
    supervisor.child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await supervisor.outputMatches(/worker 1 is running/);
    await supervisor.outputMatches(/pid=\d+\n/);
    process.kill(Number(/pid=(\d+)\n/.exec(log)?.[1]), 'SIGKILL');
    await supervisor.outputMatches(/was ended by SIGKILL: it is started again in 250 ms/);
    await supervisor.outputMatches(/is running[\s\S]*is running/);
    supervisor.child.kill('SIGINT');
    expect((await supervisor.finished).code).toBe(0);
  });

  it('are started again at once when they ask for it', async () => {
    const supervisor = runApp('told.mjs', '--workers', '1', '--set', 'exit=75', ...once());
    await supervisor.outputMatches(/ended with code 75: it is started again\n/);
    await supervisor.outputMatches(/worker 1 is running/);
    supervisor.child.kill('SIGTERM');
    expect((await supervisor.finished).code).toBe(0);
  });

  it('end the supervisor with their code when they fail too often', async () => {
    const args = ['--workers', '1', '--set', 'exit=3', '--max-restarts', '1'];
    const { code, output } = await runApp('told.mjs', ...args).finished;
    expect(code).toBe(3);
    expect(output.match(/ended with code 3/g)).toHaveLength(2);
    expect(output).toContain('it has failed 2 times in a row, and is given up');
  });

  it('are not started again for a mistake in their configuration', async () => {
    const app = appAt('missing.mjs');
    const { code, output } = await millrace('run', app, ...brokers, '--workers', '2').finished;
    expect(code).toBe(2);
    expect(output).not.toContain('started again');
  });

  it('stop by themselves when their supervisor is killed', async () => {
    await sendWords('hello');
    const supervisor = runApp('shouts.mjs', '--workers', '1');
    await supervisor.outputMatches(/shouting hello/);
    await supervisor.outputMatches(/worker 1 is running/);
    supervisor.child.kill('SIGKILL');
    // The pipes of its output are closed when the last process that has them is gone.
    const { output } = await supervisor.finished;
    expect(output).toContain('The supervisor is gone: the worker stops');
    expect(await shoutedWords()).toEqual(['HELLO']);
  });

  it('are killed at the deadline, and the supervisor ends with 1', async () => {
    process.env['HANG'] = 'yes';
    const args = ['--workers', '1', '--stop-timeout', '1ms'];
    const supervisor = runApp('told.mjs', ...args);
    delete process.env['HANG'];
    await supervisor.outputMatches(/state is open/);
    await supervisor.outputMatches(/is running/);
    supervisor.child.kill('SIGTERM');
    expect((await supervisor.finished).code).toBe(1);
  });

  it('are killed by a second signal', async () => {
    process.env['HANG'] = 'yes';
    const args = ['--workers', '1', '--stop-timeout', '1d'];
    const supervisor = runApp('told.mjs', ...args);
    delete process.env['HANG'];
    await supervisor.outputMatches(/state is open/);
    await supervisor.outputMatches(/is running/);
    supervisor.child.kill('SIGTERM');
    await supervisor.outputMatches(/worker 1: .*the worker stops/);
    supervisor.child.kill('SIGTERM');
    const { code, output } = await supervisor.finished;
    expect(code).toBe(1);
    expect(output).toContain('SIGTERM again: the workers are killed');
  });
});
