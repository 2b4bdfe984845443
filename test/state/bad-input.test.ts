import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeName } from '../../src/state/level/state-directory.ts';
import { openElsewhere } from '../support/open-elsewhere.ts';
import { backendIn, filesOf, tamper, temporaryRoot } from './level-support.ts';
import { commit, counts, entriesOf, openOptions, totals } from './support.ts';

const row = (value: string) => ({ value, timestamp: 1 });
const code = (code: string) => expect.objectContaining({ code }) as Error; // a matcher

describe('a state directory', () => {
  it('that is a file is STORE_IO, and says where', async () => {
    const root = join(temporaryRoot(), 'file');
    writeFileSync(root, '');
    const opening = async () => backendIn(root).open(openOptions);
    await expect(opening()).rejects.toMatchObject({
      code: 'STORE_IO',
      message: expect.stringContaining(root) as unknown,
    });
  });

  it('with too little free space is STORE_IO', async () => {
    const backend = backendIn(temporaryRoot(), { minFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(async () => backend.open(openOptions)).rejects.toMatchObject(code('STORE_IO'));
  });

  it('can be read by its owner alone', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    expect(statSync(filesOf(root)).mode & 0o777).toBe(0o700);
    await state.close({ clean: true });
  });

  it('held by another task is STORE_LOCKED once the wait is over', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    const delays: number[] = [];
    const sleep = async (delayMs: number) => void delays.push(delayMs);
    const other = backendIn(root, { lockWaitMs: 500, sleep });
    await expect(async () => other.open(openOptions)).rejects.toMatchObject(code('STORE_LOCKED'));
    expect(delays).toEqual([20, 40, 80, 160, 320]);
    await state.close({ clean: true });
  });

  it('is opened as soon as the other task lets go', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    const sleep = () => state.close({ clean: true }) as Promise<void>; // LevelDB answers later
    const next = await backendIn(root, { lockWaitMs: 500, sleep }).open(openOptions);
    expect(next.rebuildReason).toBeNull();
    await next.close({ clean: true });
  });

  it('held by another process is STORE_LOCKED', async () => {
    const root = temporaryRoot();
    await (await backendIn(root).open(openOptions)).close({ clean: true });
    const holder = `
      import { ClassicLevel } from 'classic-level';
      await new ClassicLevel(${JSON.stringify(filesOf(root))}).open();
      console.log('open');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder]);
    try {
      await once(child.stdout, 'data');
      const opening = async () => backendIn(root).open(openOptions);
      await expect(opening()).rejects.toMatchObject(code('STORE_LOCKED'));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const state = await backendIn(root).open(openOptions);
    expect(state.rebuildReason).toBeNull();
    await state.close({ clean: true });
  });

  it('stays locked for other processes after a second open in this one was refused', async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    const opening = async () => backendIn(root).open(openOptions);
    await expect(opening()).rejects.toMatchObject(code('STORE_LOCKED'));
    expect(openElsewhere(filesOf(root))).toBe('LEVEL_LOCKED');
    await state.close({ clean: true });
    expect(openElsewhere(filesOf(root))).toBe('opened');
  });

  it('is one directory under all its names', async () => {
    const root = temporaryRoot();
    const link = join(temporaryRoot(), 'link');
    symlinkSync(root, link);
    const state = await backendIn(root).open(openOptions);
    const opening = async () => backendIn(link).open(openOptions);
    await expect(opening()).rejects.toMatchObject(code('STORE_LOCKED'));
    expect(openElsewhere(filesOf(root))).toBe('LEVEL_LOCKED');
    await state.close({ clean: true });
  });

  it('never lies outside its root, whatever the names are', async () => {
    const names = ['..', '.', '../../up', 'a/b', '__proto__', '\ud800', '', 'con:1', 'A', 'ä'];
    const encoded = names.map(encodeName);
    expect(new Set(encoded).size).toBe(names.length);
    for (const name of encoded) expect(name).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9._%-]*$/);
    const root = join(temporaryRoot(), 'root');
    const options = { ...openOptions, application: '..', taskId: '../../x' };
    const state = await backendIn(root).open(options);
    await state.close({ clean: true });
    expect(readdirSync(join(root, '..'))).toEqual(['root']);
    expect(readdirSync(root)).toEqual([encodeName('..')]);
  });
});

describe('a row that is no row', () => {
  const put = async (given: unknown) => {
    const state = await backendIn(temporaryRoot()).open(openOptions);
    try {
      state.store(totals).put('a', given as null); // what JavaScript lets through
      state.store(counts).put('a', 0, 1, given as null); // the same
    } finally {
      await state.close({ clean: true });
    }
  };

  it.each([NaN, -1, 0.5, 8.64e15 + 1, Infinity, undefined, '7'])(
    'with timestamp %s is INVALID_TIMESTAMP and names the store',
    async (timestamp) => {
      await expect(put({ value: 1, timestamp })).rejects.toMatchObject({
        code: 'INVALID_TIMESTAMP',
        message: expect.stringContaining("'totals'") as unknown,
      });
    },
  );

  it.each([undefined, 5, 'text', {}, { timestamp: 1 }])('%j has no value', async (given) => {
    await expect(put(given)).rejects.toMatchObject(code('UNDEFINED_VALUE'));
  });

  it('is taken at both ends of time, and null deletes', async () => {
    for (const timestamp of [0, 8.64e15]) await put({ value: 1, timestamp });
    await expect(put(null)).resolves.toBeUndefined();
  });
});

describe('a row that is not what was written', () => {
  const damaged = async () => {
    const root = temporaryRoot();
    const state = await backendIn(root).open(openOptions);
    state.store(totals).put('a', row('1'));
    await commit(state, 1);
    await state.close({ clean: true });
    await tamper(root, async (database) => {
      const envelope = (await database.get(Buffer.from('\x01a'))) ?? Buffer.alloc(0);
      envelope[10] = (envelope[10] ?? 0) ^ 1;
      await database.put(Buffer.from('\x01a'), envelope);
    });
    return root;
  };
  const error = { code: 'STORE_DAMAGED', where: { store: 'totals' } };

  it('is STORE_DAMAGED on a read, and the state is rebuilt', async () => {
    const root = await damaged();
    const state = await backendIn(root).open(openOptions);
    expect(() => state.store(totals).get('a')).toThrow(expect.objectContaining(error));
    expect(() => state.store(totals).get('b')).toThrow(code('STORE_DAMAGED'));
    await state.close({ clean: true });
    const next = await backendIn(root).open(openOptions);
    expect([next.position, next.store(totals).get('a')]).toEqual([null, undefined]);
    await next.close({ clean: true });
  });

  it('is STORE_DAMAGED in a scan, and also after a crash the state is rebuilt', async () => {
    const root = await damaged();
    const backend = backendIn(root);
    const state = await backend.open(openOptions);
    await expect(entriesOf(state.store(totals), {})).rejects.toMatchObject(error);
    expect(existsSync(join(filesOf(root), 'rebuild'))).toBe(true);
    await state.close({ clean: false });
  });
});

describe('a full disk', () => {
  const system = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: 'pipe' });
  /** A file system of 4 MiB; null where the test may not mount one. */
  const smallDisk = (): string | null => {
    const root = temporaryRoot();
    try {
      system('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', root);
      return root;
    } catch {
      return null;
    }
  };

  it('is STORE_IO at the first write; nothing is read or written after it', async (context) => {
    const root = smallDisk();
    if (root === null) return context.skip('mounting a tmpfs is not allowed here');
    try {
      const backend = backendIn(root);
      const state = await backend.open(openOptions);
      const store = state.store(totals);
      const fill = async () => {
        for (let number = 1; number < 100; number++) {
          store.put(`key-${number}`, row('x'.repeat(200_000)));
          await commit(state, number);
        }
      };
      await expect(fill()).rejects.toMatchObject(code('STORE_IO'));
      expect(() => store.get('not cached')).toThrow(code('STORE_IO'));
      await state.close({ clean: true });
      const next = await backend.open(openOptions);
      expect([next.position, next.store(totals).get('key-1')]).toEqual([null, undefined]);
      await next.close({ clean: true });
    } finally {
      system('umount', root);
    }
  });
});
