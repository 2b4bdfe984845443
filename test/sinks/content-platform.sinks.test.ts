import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedEvents } from '../examples/content-platform/recounted-platform.ts';
import { type ClickhouseEngine, startClickhouse } from './support/clickhouse-engine.ts';
import { firstDifferences } from './support/multisets.ts';
import {
  insertClean,
  platformLaws,
  sessionsExpected,
  sessionsFound,
  surelyEnded,
} from './support/platform-laws.ts';
import { PlatformRun, quarantineText } from './support/platform-run.ts';

const events = 100_000;
describe(`${events} events, two workers killed on the way, in ClickHouse`, () => {
  const { clean, bad } = generatedEvents(1, events);
  let engine: ClickhouseEngine;
  let run: PlatformRun;

  beforeAll(async () => {
    engine = await startClickhouse();
    run = new PlatformRun(events, engine.url.replace('http:', 'clickhouse:'));
    const killed = run.start();
    await killed.outputMatches(/\n[4-9]\d,\d{3} of/);
    killed.child.kill('SIGKILL');
    await killed.finished;
    const { code, output } = await run.start().finished;
    expect(output).toMatch(/100,000 events: .* accepted/);
    expect(code).toBe(0);
    await insertClean(engine, clean);
  }, 400_000);

  afterAll(async () => {
    await engine.stop();
    run.remove();
  });

  it.each(Object.entries(platformLaws))('%s', async (_law, { found, expected }) => {
    const rows = await engine.query(expected);
    expect(rows.length).toBeGreaterThan(0);
    expect(firstDifferences(rows, await engine.query(found))).toEqual([]);
  });

  it('Each session that is over is there once, as it was, and none that never was', async () => {
    const found = await engine.query(sessionsFound);
    const over = await engine.query(`SELECT * FROM (${sessionsExpected}) WHERE ${surelyEnded}`);
    expect(over.length).toBeGreaterThan(10_000);
    const ofAll = new Set(found);
    const ended = (await engine.query(sessionsExpected)).filter((row) => ofAll.has(row));
    expect(firstDifferences(ended, found)).toEqual([]);
    expect(over.filter((row) => !ofAll.has(row)).slice(0, 5)).toEqual([]);
  });

  it('Each bad event is in the quarantine once, with its reason', async () => {
    const expected = bad.map(({ sent, rule }) => quarantineText(sent, rule));
    expect(firstDifferences(expected, await run.quarantined())).toEqual([]);
  });
});
