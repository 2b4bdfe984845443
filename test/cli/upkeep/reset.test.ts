import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { Workplace } from './upkeep-fixture.ts';

const placed = (place: Workplace) => ['--state-dir', place.stateDir];
const tasksOf = (place: Workplace) => {
  const directory = join(place.stateDir, 'counted');
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => name !== 'slots');
};

describe('a reset of the whole application', () => {
  it('makes it begin anew: offsets, internal topics and local state are gone', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([
      ['a', 0],
      ['a', 1],
    ]);
    expect(tasksOf(place)).toHaveLength(2);
    const { code, said } = await place.millrace('reset', '--yes', ...placed(place));
    expect(code).toBe(0);
    expect(said.at(-1)).toBe('Done.');
    expect(said).toContain('  delete the topic counted-counts-changelog');
    expect(tasksOf(place)).toEqual([]);
    const topics = await place.onLog((log) => log.admin.listTopics());
    expect(topics.filter((topic) => topic.startsWith('counted-'))).toEqual([]);
    await place.runWith([['a', 2]]);
    expect(await place.counted('counts-out')).toEqual(['a=1', 'a=2', 'a=1', 'a=2', 'a=3']);
  });

  it.each([
    ['--dry-run', 0],
    [null, 2],
  ])('with %s says what it would do, does nothing and ends with %i', async (flag, expected) => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]]);
    const args = flag === null ? [] : [flag];
    const { code, said } = await place.millrace('reset', ...args, ...placed(place));
    expect(code).toBe(expected);
    expect(said).toContain('  delete the topic counted-manifest');
    expect(said.at(-1)).toContain('Nothing was done');
    await place.runWith([['a', 1]]);
    expect(await place.counted('counts-out')).toEqual(['a=1', 'a=2']);
  });

  it('deletes orphans too, and nothing that may be of another application', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]], { store: 'old' });
    const other = { partitions: 1, cleanup: 'compact', settings: {} } as const;
    await place.onLog((log) =>
      log.admin.createTopics([
        { topic: 'counted-twice-manifest', ...other },
        { topic: 'counted-twice-counts-changelog', ...other },
      ]),
    );
    const { said } = await place.millrace('reset', '--yes', ...placed(place));
    expect(said).toContain('  delete the topic counted-old-changelog');
    const topics = await place.onLog((log) => log.admin.listTopics());
    expect(topics.filter((topic) => topic.startsWith('counted-'))).toEqual([
      'counted-twice-counts-changelog',
      'counted-twice-manifest',
    ]);
  });
});

describe('a reset of one store', () => {
  it('empties it, and leaves its input and the other stores where they are', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([
      ['a', 0],
      ['a', 1],
      ['b', 2],
    ]);
    const { code, said } = await place.millrace('reset', '--store', 'counts', '--yes');
    expect(code).toBe(0);
    expect(said[1]).toContain("empty the store 'counts'");
    await place.runWith([['a', 1_000]]);
    expect((await place.counted('counts-out')).filter((row) => row.startsWith('a'))).toEqual([
      'a=1',
      'a=2',
      'a=1',
    ]);
    expect(await place.counted('windows-out')).toContain('a=2');
  });

  it('without local state gives the same', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([
      ['a', 0],
      ['a', 1],
    ]);
    await place.millrace('reset', '--store', 'counts', '--yes');
    place.stateDir = join(place.directory, 'elsewhere');
    await place.runWith([['a', 1_000]]);
    expect(await place.counted('counts-out')).toEqual(['a=1', 'a=2', 'a=1']);
    expect(await place.counted('windows-out')).toEqual(['a=2']);
  });

  it('takes timers whose rows are gone for nothing', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]]);
    await place.millrace('reset', '--store', 'windows', '--yes');
    await place.runWith([['a', 5_000]]);
    expect(await place.counted('windows-out')).toEqual([]);
    await place.runWith([['a', 9_000]]);
    expect(await place.counted('windows-out')).toEqual(['a=1']);
  });

  it('lets it be of another make at the next start', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]]);
    const changed = { size: '2s' };
    await expect(place.runWith([], changed)).rejects.toMatchObject({ code: 'WINDOW_CHANGED' });
    await place.millrace('reset', '--store', 'windows', '--yes');
    await place.runWith(
      [
        ['a', 1_000],
        ['a', 5_000],
      ],
      changed,
    );
    expect(await place.counted('windows-out')).toEqual(['a=1']);
  });

  it('names the stores there are for one that is not there', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]]);
    const { code, failure } = await place.millrace('reset', '--store', 'cuonts', '--yes');
    expect(failure).toBe('UNKNOWN_STORE');
    expect(code).toBe(2);
  });
});
