import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSettings } from '../../examples/view-counts/arguments.ts';
import { startTypeScript } from '../support/typescript-process.ts';
import { type CountedWindow, lastTime, naiveWindows, sampleLines } from './access-log-sample.ts';
import { newFolder, readWindows, removeFolders, runHere } from './demo-run.ts';

const program = new URL('../../examples/view-counts/main.ts', import.meta.url);
const realLog = fileURLToPath(new URL('../../../shared/data/access.log', import.meta.url));
const isThere = existsSync(realLog);
if (!isThere) process.stderr.write(`SKIPPED: no real access log at ${realLog}\n`);

const graceMs = 60_000;
afterAll(removeFolders);

function argumentsFor(folder: string, input: string): readonly string[] {
  const json = join(folder, 'windows.jsonl');
  return ['--input', input, '--exit', '--json', json, '--dir', join(folder, 'data')];
}

/** Each window once, with the count of a recount; open ones are those that may still grow. */
function expectRecount(folder: string, lines: readonly string[]): void {
  const windows = readWindows(join(folder, 'windows.jsonl'));
  const counted = windows.map(({ key, windowStart, windowEnd, count }) => {
    return { key, windowStart, windowEnd, count };
  });
  expect(sorted(counted)).toEqual(sorted(naiveWindows(lines)));
  const last = lastTime(lines);
  for (const { windowEnd, open } of windows) {
    // A partition's own time may lag behind the whole log's, so this holds in one direction.
    if (open !== true) expect(windowEnd + graceMs).toBeLessThanOrEqual(last);
  }
  expect(windows.some(({ open }) => open !== true)).toBe(true);
  expect(windows.some(({ open }) => open === true)).toBe(true);
}

function sorted(windows: readonly CountedWindow[]): readonly string[] {
  return windows.map((window) => JSON.stringify(window)).toSorted();
}

async function countOnce(input: string): Promise<void> {
  const folder = newFolder();
  expect(await runHere(argumentsFor(folder, input))).toContain('dropped: deserialization');
  expectRecount(folder, linesOf(input));
}

/** A kill while lines are being fed, a kill while that is made good, then an undisturbed start. */
async function countWithKills(input: string): Promise<void> {
  const folder = newFolder();
  const args = argumentsFor(folder, input);
  for (const rate of [2000, 4000]) {
    // Without `--exit` it cannot end before the signal reaches it.
    const unending = args.filter((argument) => argument !== '--exit');
    const killed = startTypeScript(program, [...unending, '--rate', String(rate)]);
    await killed.outputMatches(/[1-9][\d,]* of [\d,]+ records/);
    killed.child.kill('SIGKILL');
    expect((await killed.finished).signal).toBe('SIGKILL');
  }
  await runHere(args);
  expectRecount(folder, linesOf(input));
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

describe('a sample log', () => {
  const sample = join(newFolder(), 'access.log');
  writeFileSync(sample, `${sampleLines(6000).join('\n')}\n`);

  it('every window equals a recount of the lines', () => countOnce(sample));

  it('every window equals a recount after kills in the middle', () => countWithKills(sample));

  it('a second start feeds nothing twice and writes all windows again', async () => {
    const folder = newFolder();
    const args = argumentsFor(folder, sample);
    await runHere(args);
    const first = readWindows(join(folder, 'windows.jsonl'));
    await runHere(args);
    expect(readWindows(join(folder, 'windows.jsonl'))).toEqual(first);
  });

  it('lines added later are counted on top, windows left open included', async () => {
    const folder = newFolder();
    const input = join(folder, 'growing.log');
    const lines = sampleLines(3000);
    writeFileSync(input, `${lines.slice(0, 1500).join('\n')}\n`);
    await runHere(argumentsFor(folder, input));
    writeFileSync(input, `${lines.join('\n')}\n`);
    await runHere(argumentsFor(folder, input));
    expectRecount(folder, lines);
  });
});

describe.skipIf(!isThere)('a real log', () => {
  it('every window equals a recount of the lines', () => countOnce(realLog));

  it('every window equals a recount after kills in the middle', () => countWithKills(realLog));
});

describe('arguments', () => {
  it.each([
    [['--records', 'many'], '--records many'],
    [['--no-such-thing'], 'no-such-thing'],
    [['--exit'], '--exit needs an end'],
    [['--input', 'a', '--records', '1'], 'not both'],
    [['--window', '1 fortnight'], '--window 1 fortnight'],
    [['--window', '0'], '--window 0'],
    [['--workers', '0'], '--workers 0'],
  ])('%j is refused with a message', (args, message) => {
    expect(() => parseSettings(args)).toThrow(message);
  });

  it('that are wrong end the program with exit code 2', async () => {
    const { code, output } = await startTypeScript(program, ['--seed', 'x']).finished;
    expect(output).toContain('--seed x');
    expect(code).toBe(2);
  });
});
