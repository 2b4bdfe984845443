import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { embedded, run, string, TopologyBuilder } from '../../../src/index.ts';
import { temporaryDirectory } from '../../support/log-fixture.ts';

function copying() {
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  return builder.build();
}

it('workers that share a state directory have ids of their own, and find them again', async () => {
  const log = embedded();
  const stateDir = temporaryDirectory();
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
  const stateDir = temporaryDirectory();
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
  const stateDir = temporaryDirectory();
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
