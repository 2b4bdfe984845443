import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LocalState } from '../../src/core/task/state-port.ts';
import { encodeMeta, markerKey, metaKeys } from '../../src/state/level/meta-rows.ts';
import { backendIn, temporaryRoot, tamper } from './level-support.ts';
import { commit, entriesOf, openOptions, positionOf, totals } from './support.ts';

const row = { value: 'x', timestamp: 1 };

async function committed(state: LocalState, commits = 1): Promise<void> {
  for (let number = 1; number <= commits; number++) {
    state.store(totals).put(`key-${number}`, row);
    await commit(state, number);
  }
}

/** Opens, looks, and closes again. */
async function findingOf(backend: ReturnType<typeof backendIn>) {
  const state = await backend.open(openOptions);
  const { position, rebuildReason } = state;
  const rows = (await entriesOf(state.store(totals), {})).length;
  await state.close({ clean: false });
  return { position, rebuildReason, rows };
}

describe('after a crash of the machine, state', () => {
  const nextBoot = { bootId: 'boot-2' };
  const run = async (options: { sync?: boolean; bootId?: string | null }, clean: boolean) => {
    const root = temporaryRoot();
    const state = await backendIn(root, options).open(openOptions);
    await committed(state);
    await state.close({ clean });
    return (then: { bootId: string | null }) => findingOf(backendIn(root, { ...options, ...then }));
  };

  it('that was closed is trusted', async () => {
    const reopen = await run({}, true);
    expect(await reopen(nextBoot)).toMatchObject({ position: positionOf(1), rows: 1 });
  });

  it('that was not closed is rebuilt, and says why', async () => {
    const reopen = await run({}, false);
    const { position, rebuildReason, rows } = await reopen(nextBoot);
    expect([position, rows]).toEqual([null, 0]);
    expect(rebuildReason).toMatch(/rebooted/);
  });

  it('that was opened again after its clean close counts as not closed', async () => {
    const reopen = await run({}, true);
    await reopen({ bootId: 'boot-1' });
    expect((await reopen(nextBoot)).position).toBeNull();
  });

  it('whose writes were synced is trusted', async () => {
    const reopen = await run({ sync: true }, false);
    expect((await reopen(nextBoot)).position).toEqual(positionOf(1));
  });

  it('is rebuilt where no boot id tells a killed process from a crashed machine', async () => {
    const reopen = await run({ bootId: null }, false);
    expect((await reopen({ bootId: null })).position).toBeNull();
    const closed = await run({ bootId: null }, true);
    expect((await closed({ bootId: null })).position).toEqual(positionOf(1));
  });
});

describe('at open', () => {
  it('a batch missing among the markers means a rebuild', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    await committed(state, 5);
    await state.close({ clean: true });
    await tamper(root, (database) => database.del(markerKey(3)));
    expect((await findingOf(backendIn(root))).rebuildReason).toMatch(/batch 3 of 5/);
  });

  it.each(['format', 'owner', 'openMark', 'position', 'numbering'] as const)(
    'a damaged or missing %s row means a rebuild',
    async (name) => {
      for (const damaged of [Buffer.from('not what was written'), null]) {
        const root = temporaryRoot();
        const state = await backendIn(root).open(openOptions);
        await committed(state);
        await state.close({ clean: true });
        await tamper(root, (database) =>
          damaged === null ? database.del(metaKeys[name]) : database.put(metaKeys[name], damaged),
        );
        const { position, rebuildReason, rows } = await findingOf(backendIn(root));
        expect([position, rows]).toEqual([null, 0]);
        expect(rebuildReason).not.toBeNull();
      }
    },
  );

  it('a newer format is an error, and nothing is touched', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    await committed(state);
    await state.close({ clean: false });
    const newer = encodeMeta(metaKeys.format, Buffer.of(99));
    await tamper(root, (database) => database.put(metaKeys.format, newer));
    const opening = async () => backendIn(root, { bootId: 'boot-2' }).open(openOptions);
    await expect(opening()).rejects.toMatchObject({ code: 'FORMAT_NEWER' });
    await tamper(root, async (database) => {
      expect(await database.get(metaKeys.format)).toEqual(newer);
      expect(await database.get(metaKeys.position)).toBeDefined();
    });
  });

  it('a row that is missing is found by `verify: open`, and by it alone', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root, { verify: 'open' }).open(openOptions);
    await committed(state, 3);
    await state.close({ clean: true });
    await tamper(root, (database) => database.del(Buffer.from('\x01key-2')));
    const open = (verify: 'default' | 'open') => findingOf(backendIn(root, { verify }));
    expect((await open('default')).rows).toBe(2);
    expect((await open('open')).rebuildReason).toMatch(/has 2 rows/);
  });

  it('state that was written without digests is rebuilt once by `verify: open`', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    await committed(state);
    await state.close({ clean: true });
    const backend = backendIn(root, { verify: 'open' });
    expect((await findingOf(backend)).rebuildReason).toMatch(/without digests/);
    const rebuilt = await backend.open(openOptions);
    await committed(rebuilt);
    await rebuilt.close({ clean: true });
    expect(await findingOf(backend)).toMatchObject({ rebuildReason: null, rows: 1 });
  });
});

it.each([{ taskId: 'in-1' }, { application: 'other' }])(
  'state swapped with that of $taskId$application is not believed, and says whose it is',
  async (part) => {
    const root = temporaryRoot();
    const backend = backendIn(root);
    const owners = [openOptions, { ...openOptions, ...part }];
    const [here, there] = owners.map(({ application, taskId }) => join(root, application, taskId));
    for (const owner of owners) {
      const state = await backend.open(owner);
      await committed(state);
      await state.close({ clean: true });
    }
    renameSync(here ?? '', `${root}/aside`);
    renameSync(there ?? '', here ?? '');
    renameSync(`${root}/aside`, there ?? '');
    for (const owner of owners) {
      const state = await backend.open(owner);
      expect(state.position).toBeNull();
      expect(state.rebuildReason).toMatch(/state of '(app|other)\/in-\d'/);
      await state.close({ clean: true });
    }
  },
);

it('a store that the topology drops is removed, and starts empty when it comes back', async () => {
  const root = temporaryRoot();
  const backend = backendIn(root, { verify: 'open' });
  const state = await backend.open(openOptions);
  await committed(state, 2);
  state.raw('timers').put(Buffer.from('t'), Buffer.from('1'));
  await commit(state, 3);
  await state.close({ clean: true });

  const without = { ...openOptions, stores: [] };
  const smaller = await backend.open(without);
  expect(smaller.rebuildReason).toBeNull();
  expect(smaller.position?.commitNumber).toBe(3);
  expect(smaller.position?.changelogs.has('totals')).toBe(false);
  expect(smaller.raw('timers').get(Buffer.from('t'))).toEqual(Buffer.from('1'));
  await smaller.close({ clean: true });

  expect(await findingOf(backend)).toMatchObject({ rebuildReason: null, rows: 0 });
});
