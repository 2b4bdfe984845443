import { describe, expect, it } from 'vitest';
import { Workplace } from './upkeep-fixture.ts';

describe('the topics of an application', () => {
  it('are told with what is missing, and that is a failure', async () => {
    const place = new Workplace('counted.mjs');
    const { code, said } = await place.millrace('topics');
    expect(code).toBe(1);
    expect(said).toContain('MISSING counted-counts-changelog: changelog of counts, 4 partitions');
    expect(said.join('\n')).toContain('cleanup.policy=compact');
  });

  it('are created when asked for, and then all is well', async () => {
    const place = new Workplace('counted.mjs');
    const created = await place.millrace('topics', '--create');
    expect(created.code).toBe(0);
    expect(created.said).toContain('Created counted-manifest.');
    const { code, said } = await place.millrace('topics');
    expect(code).toBe(0);
    expect(said.filter((line) => line.startsWith('ok '))).toHaveLength(5);
  });

  it('are told apart from what they should be', async () => {
    const place = new Workplace('counted.mjs');
    await place.onLog((log) =>
      log.admin.createTopics([
        {
          topic: 'counted-counts-changelog',
          partitions: 9,
          cleanup: 'delete',
          settings: { 'segment.bytes': '7' },
        },
      ]),
    );
    const { code, said } = await place.millrace('topics', '--create');
    expect(code).toBe(1);
    expect(said).toContain('  wrong: 9 partitions instead of 4');
    expect(said).toContain('  wrong: cleanup.policy=delete instead of compact');
    expect(said).toContain('  differs: segment.bytes=7 instead of 67108864');
  });

  it('that nothing uses any more are listed, and deleted when that is confirmed', async () => {
    const place = new Workplace('counted.mjs');
    await place.runWith([['a', 0]]);
    // In two steps: a store that goes while another of its make comes would be a rename.
    await place.onLog((log) =>
      log.admin.createTopics([
        { topic: 'counted-old-changelog', partitions: 1, cleanup: 'compact', settings: {} },
      ]),
    );
    expect((await place.millrace('topics', '--orphans')).said).toEqual([
      'orphan counted-old-changelog',
    ]);
    expect((await place.millrace('topics', '--orphans', '--delete')).code).toBe(2);
    const { code, said } = await place.millrace('topics', '--orphans', '--delete', '--yes');
    expect(code).toBe(0);
    expect(said.at(-1)).toBe('Done.');
    expect((await place.millrace('topics', '--orphans')).said).toEqual(['There are no orphans.']);
    await place.runWith([['a', 1]]);
    expect(await place.counted('counts-out')).toEqual(['a=1', 'a=2']);
  });
});
