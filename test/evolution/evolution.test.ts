import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { storedManifest, storeManifest } from '../../src/core/worker/manifest-check.ts';
import {
  embedded,
  type EmbeddedLog,
  type Logger,
  MillraceError,
  memoryBackend,
  produce,
  readCommitted,
  run,
  type Topology,
} from '../../src/index.ts';
import { counts, shaped, texts } from './pairs.ts';
import { type EvolutionPair, evolutionRows, newerEngine } from './rows.ts';

const topics = ['events', 'a-source'];

async function newLog(): Promise<EmbeddedLog> {
  const log = embedded({ partitions: 2 });
  const shape = { partitions: 2, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics(topics.map((topic) => ({ topic, ...shape })));
  return log;
}

async function send(log: EmbeddedLog, timestamp: number): Promise<void> {
  await produce(log, 'events', texts, [{ key: 'a', value: 'a', timestamp }]);
}

interface Started {
  /** The code it was refused with. */
  readonly refused: string | null;
  readonly told: readonly string[];
}

async function start(
  log: EmbeddedLog,
  topology: Topology,
  accept: readonly string[] = [],
): Promise<Started> {
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const logger: Logger = { debug: tell, info: tell, warn: tell, error: tell };
  const options = { log, state: memoryBackend(), instanceId: 'one', logger, accept };
  try {
    const worker = await run(topology, options);
    await worker.caughtUp();
    await worker.close();
    return { refused: null, told };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { refused: error.code, told: [error.message] };
  }
}

async function lastCount(log: EmbeddedLog): Promise<number | null | undefined> {
  return (await readCommitted(log, 'counts-out', counts)).at(-1)?.value;
}

/** Runs the topology of before on a record, and leaves another for that of after. */
async function before({ before: shape = {}, partitions = 2 }: EvolutionPair): Promise<EmbeddedLog> {
  const log = await newLog();
  await send(log, 1);
  await start(log, shaped(shape));
  await send(log, 2);
  if (partitions === 2) return log;
  await log.admin.deleteTopics(['events']);
  const grown = { topic: 'events', partitions, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics([grown]);
  return log;
}

const cases = evolutionRows.flatMap(({ change, pairs }) =>
  pairs.map((pair) => ({ change, after: JSON.stringify(pair.after), pair })),
);

describe('a start with a changed topology', () => {
  it.each(cases)('$change: $after', async ({ pair }) => {
    const log = await before(pair);
    const { refused, told } = await start(log, shaped(pair.after));
    expect(refused).toBe(pair.refused);
    if (pair.tells !== undefined) expect(told.join('\n')).toMatch(pair.tells);
    if (refused === null && pair.count !== undefined) expect(await lastCount(log)).toBe(pair.count);
    await log.close();
  });

  const refusals = cases.filter(
    ({ pair }) => pair.refused !== null && pair.partitions === undefined,
  );

  it.each(refusals)('that is refused touches nothing: $change: $after', async ({ pair }) => {
    const log = await before(pair);
    const topicsBefore = await log.admin.listTopics();
    await start(log, shaped(pair.after));
    expect(await log.admin.listTopics()).toEqual(topicsBefore);
    expect((await start(log, shaped(pair.before ?? {}))).refused).toBeNull();
    expect(await lastCount(log)).toBe(2);
    await log.close();
  });

  it.each(refusals)('says what may be accepted: $change: $after', async ({ pair }) => {
    const log = await before(pair);
    const { told } = await start(log, shaped(pair.after));
    const [, accept] = /--accept (\S+)/.exec(told.join()) ?? [];
    expect(accept).toBe(pair.accept);
    if (accept !== undefined) {
      expect((await start(log, shaped(pair.after), [accept])).refused).toBeNull();
      if (pair.count !== undefined) expect(await lastCount(log)).toBe(pair.count);
      // Once it has run the change is no change any more.
      expect((await start(log, shaped(pair.after))).refused).toBeNull();
    }
    await log.close();
  });

  it(`${newerEngine.change}: ${newerEngine.atStart}`, async () => {
    const log = await newLog();
    await start(log, shaped({}));
    const manifest = await storedManifest(log, 'app');
    if (manifest === null) throw new Error('It has run.');
    await storeManifest(log, null, { ...manifest, engineFormat: manifest.engineFormat + 1 }, 0);
    expect((await start(log, shaped({}))).refused).toBe('FORMAT_NEWER');
    await log.close();
  });
});

describe('the table in docs/UPGRADING.md', () => {
  it('has these rows', () => {
    const page = readFileSync(new URL('../../docs/UPGRADING.md', import.meta.url), 'utf8');
    const cellsOf = (line: string) => line.split('|').map((cell) => cell.trim());
    const table = page
      .slice(page.indexOf('## Changing a topology'))
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) => cellsOf(line).slice(1, 3));
    const expected = [...evolutionRows, newerEngine].map(({ change, atStart }) => [
      change,
      atStart,
    ]);
    expect(table.slice(0, expected.length)).toEqual(expected);
  });
});
