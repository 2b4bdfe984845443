import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startTypeScript } from '../../support/typescript-process.ts';
import { countsBy, generatedEvents, usersByDay, views } from './recounted-platform.ts';

const program = new URL('../../../examples/content-platform/main.ts', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'millrace-content-platform-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Arguments of a run of its own: with the port that is free. */
function argumentsFor(name: string, ...further: readonly string[]): readonly string[] {
  return ['--port', '0', '--dir', join(folder, name), ...further];
}

const grouped = (count: number) => count.toLocaleString('en-US');

/** What the summary is to say, as far as the generator knows it, without regard to spaces. */
function expectedLines(events: number): readonly string[] {
  const { clean, bad, duplicates } = generatedEvents(1, events);
  const tables = [
    countsBy(bad, ({ rule }) => rule),
    usersByDay(clean, 'America/New_York'),
    countsBy(views(clean), ({ country }) => country ?? 'unknown'),
  ];
  const perPost = Object.entries(countsBy(views(clean), ({ page }) => page));
  const [most = ['', 0]] = perPost.toSorted(([, a], [, b]) => b - a);
  return [
    `${grouped(events)} events: ${grouped(clean.length)} accepted, ` +
      `${grouped(bad.length)} quarantined, ${grouped(duplicates)} duplicates dropped`,
    ...tables.flatMap((table) =>
      Object.entries(table).map(([name, count]) => `${grouped(count)} ${name}`),
    ),
    `1 ${grouped(most[1])} ${most[0]}`,
  ];
}

function linesOf(output: string): readonly string[] {
  return output.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
}

it('a run of so many events ends with the numbers of the generator', async () => {
  const { finished } = startTypeScript(program, argumentsFor('once', '--events', '20000'));
  const { code, output } = await finished;
  expect(output).toMatch(/page is at http:\/\/127\.0\.0\.1:\d+\//);
  expect(linesOf(output)).toEqual(expect.arrayContaining([...expectedLines(20_000)]));
  expect(output).not.toContain('lost');
  expect(code).toBe(0);
});

it('a run that was interrupted goes on where it stopped', async () => {
  const interrupted = startTypeScript(program, argumentsFor('twice', '--rate', '1000'));
  await interrupted.outputMatches(/[1-9][\d,]* of [\d,]+ events/);
  interrupted.child.kill('SIGINT');
  const first = await interrupted.finished;
  // What was on its way is counted before the end.
  const totals = /([\d,]+) events: ([\d,]+) accepted, ([\d,]+) quar\w+, ([\d,]+) dup/.exec(
    first.output,
  );
  const [events, ...parts] = (totals ?? [])
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  expect(events).toBeGreaterThan(0);
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(events);
  expect(first.code).toBe(0);
  const second = await startTypeScript(program, argumentsFor('twice', '--events', '15000'))
    .finished;
  expect(linesOf(second.output)).toEqual(expect.arrayContaining([...expectedLines(15_000)]));
});

it('options of the counting of page views lead there', async () => {
  const args = ['--records', '500', '--exit', '--dir', join(folder, 'views')];
  const { code, output } = await startTypeScript(program, args).finished;
  expect(output).toContain('windows closed');
  expect(code).toBe(0);
});

it('the help tells the options of both', async () => {
  const { output } = await startTypeScript(program, ['--help']).finished;
  for (const option of ['--events', '--sink', '--port', '--input', '--json']) {
    expect(output).toContain(option);
  }
});

it('an option that is not known is refused', async () => {
  const { code, output } = await startTypeScript(program, ['--evnets', '1']).finished;
  expect(code).toBe(2);
  expect(output).toContain('--evnets');
});
