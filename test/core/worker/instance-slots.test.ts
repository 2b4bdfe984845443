import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { embedded, run, StoreError, string, TopologyBuilder } from '../../../src/index.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-slots-'));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

function copying() {
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  return builder.build();
}

it('workers that share a state directory have ids of their own, and find them again', async () => {
  const log = embedded();
  const one = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  const two = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  expect(two.instanceId).not.toBe(one.instanceId);
  await one.close();
  const again = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  expect(again.instanceId).toBe(one.instanceId);
  await Promise.all([again.close(), two.close()]);
});

it('the id of a process that died is free again', async () => {
  const log = embedded();
  const first = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  await first.close();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const lock = path.join(stateDir, 'app', 'slots', 'slot-0.lock.2');
  writeFileSync(lock, `${pid}:of-another-boot:1`);
  const second = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  expect(second.instanceId).toBe(first.instanceId);
  await second.close();
});

it('a worker that fails to start gives its id back', async () => {
  const closed = embedded();
  const log = embedded();
  const first = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  const { instanceId } = first;
  await first.close();
  await closed.close();
  await expect(run(copying(), { log: closed, stateDir })).rejects.toMatchObject({
    code: 'LOG_CLOSED',
  });
  const second = await run(copying(), { log, stateDir, heartbeatInterval: '50ms' });
  expect(second.instanceId).toBe(instanceId);
  await second.close();
});

it('a state directory that is a file is refused by name', async () => {
  const file = path.join(stateDir, 'file');
  writeFileSync(file, '');
  const refused = run(copying(), { log: embedded(), stateDir: file });
  await expect(refused).rejects.toThrow(StoreError);
  await expect(refused).rejects.toMatchObject({
    code: 'STORE_IO',
    message: expect.stringContaining(file) as string,
  });
});
