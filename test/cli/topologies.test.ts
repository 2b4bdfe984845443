import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadApplication } from '../../src/cli/application.ts';
import { parseCommand } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/cli/exit-codes.ts';
import { runTopologies } from '../../src/cli/run-topologies.ts';
import { catalogue } from '../../src/topologies/catalogue.ts';
import { entryPoints } from '../docs/public-names.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';
import { startTypeScript, type TypeScriptProcess } from '../support/typescript-process.ts';

const names = Object.keys(catalogue);
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

async function said(...args: readonly string[]): Promise<string> {
  const command = parseCommand(['topologies', ...args], {});
  if (command.type !== 'topologies') throw new Error(`It is the command '${command.type}'.`);
  const lines: string[] = [];
  await runTopologies(command.settings, { announce: (line) => void lines.push(line) });
  return lines.join('\n');
}

describe('the ready-made topologies', () => {
  it.each(names)(
    '%s is called as it is found, and its settings as they are parsed',
    async (name) => {
      const readyMade = await catalogue[name]?.();
      expect(readyMade?.name).toBe(name);
      for (const [setting, { default: byDefault, parse }] of Object.entries(
        readyMade?.settings ?? {},
      )) {
        if (typeof byDefault === 'string') expect(() => parse(byDefault), setting).not.toThrow();
      }
    },
  );

  it('are those that have an entry point', () => {
    const subpaths = [...entryPoints(root).keys()].filter((name) => name.includes('/topologies/'));
    expect(names.map((name) => `millrace/topologies/${name}`).sort()).toEqual(subpaths.sort());
  });

  it('are listed with their settings', async () => {
    const text = await said();
    for (const name of names) expect(text).toContain(`millrace/topologies/${name}\n`);
    expect(text).toMatch(/--set input=<topic> +The topic of the events, in JSON \(required\)/);
    expect(text).toMatch(/--set gap=<duration> +A pause .* \(default 30m\)/);
  });

  it('are shown one by one, by name or as `run` takes them', async () => {
    const text = await said('sessions');
    expect(text).toMatch(/^millrace\/topologies\/sessions\n {2}Cuts the events/);
    expect(text).not.toContain('view-counts');
    expect(await said('millrace/topologies/sessions')).toBe(text);
  });

  it('are listed as JSON if asked for', async () => {
    const listed = JSON.parse(await said('--json')) as readonly { name: string }[]; // as listed
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(JSON.parse(await said('view-counts', '--json'))).toMatchObject({
      name: 'view-counts',
      settings: expect.arrayContaining([
        {
          name: 'window',
          type: 'duration',
          isRequired: false,
          default: '1m',
          description: 'The size of the windows',
        },
      ]) as unknown,
    });
  });

  it('are loaded with settings, and refuse bad ones as configuration', async () => {
    const file = 'millrace/topologies/sessions';
    const settings = { input: 'events', final: 'ended', application: 'mine' };
    expect((await loadApplication(file, settings)).topology.application).toBe('mine');
    await expect(loadApplication(file, {})).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await expect(loadApplication(file, { ...settings, live: 'ended' })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: "The topology 'sessions' needs two topics for final and live.",
    });
    const gap = loadApplication(file, { ...settings, gap: 'long' });
    await expect(gap).rejects.toThrow(/'long' is not a duration.*[^.]\.$/);
  });
});

describe('a ready-made topology that is not there', () => {
  it.each([
    ['run', 'millrace/topologies/views', '--brokers', 'localhost:9092'],
    ['reset', 'millrace/topologies/views', '--brokers', 'localhost:9092', '--yes'],
    ['topologies', 'views'],
    ['topologies', 'toString'],
  ])('is a wrong usage of %s that names those there are: %s', (...args) => {
    expect(() => parseCommand(args, {})).toThrow(UsageError);
    expect(() => parseCommand(args, {})).toThrow(/there are .*sessions, .*view-counts/);
  });

  it('cannot be two at once, nor on a log', () => {
    expect(() => parseCommand(['topologies', 'sessions', 'x'], {})).toThrow(/left over/);
    expect(() => parseCommand(['topologies', '--brokers', 'a:1'], {})).toThrow(/--brokers is no/);
  });
});

describe('the command', () => {
  const entry = new URL('../../src/cli/main.ts', import.meta.url);
  let directory: string;
  let started: TypeScriptProcess[];
  const millrace = (...args: readonly string[]): TypeScriptProcess => {
    const process = startTypeScript(entry, args);
    started.push(process);
    return process;
  };
  const viewCounts = (...args: readonly string[]): TypeScriptProcess => {
    const log = ['--embedded', join(directory, 'log'), '--state-dir', join(directory, 'state')];
    return millrace('run', 'millrace/topologies/view-counts', ...log, ...args);
  };

  beforeEach(() => {
    directory = temporaryDirectory();
    started = [];
  });

  afterEach(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ finished }) => finished));
  });

  it('lists them and ends with 0', async () => {
    const { code, output } = await millrace('topologies').finished;
    expect(code).toBe(0);
    expect(output).toContain('millrace/topologies/view-counts');
  });

  it('ends with 2 for a setting that cannot be read', async () => {
    const { code, output } = await viewCounts('--set', 'input=events', '--set', 'window=never')
      .finished;
    expect(code).toBe(2);
    expect(output).toContain('BAD_OPTION: ');
  });

  it('runs one in worker processes, with the settings it was given', async () => {
    const settings = ['application=mine', 'input=events', 'final=final', 'window=1 minute'];
    const worker = viewCounts('--workers', '1', ...settings.flatMap((one) => ['--set', one]));
    await worker.outputMatches(/worker 1 is running/);
    worker.child.kill('SIGTERM');
    expect((await worker.finished).code).toBe(0);
    expect(readdirSync(join(directory, 'state'))).toContain('mine');
  });

  it('ends with 2 where a worker process finds that a setting is missing', async () => {
    const { code, output } = await viewCounts('--workers', '1', '--set', 'final=a').finished;
    expect(code).toBe(2);
    expect(output).toContain('needs --set input=<topic>');
    expect(output).not.toContain('started again');
  });
});
