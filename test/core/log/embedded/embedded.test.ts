import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../../src/core/model/errors.ts';
import { createSimulatedRuntime } from '../../../../src/core/runtime/simulated-runtime.ts';
import { embedded } from '../../../../src/core/log/embedded/embedded.ts';
import type { Intercept } from '../../../../src/core/log/embedded/fault-intercept.ts';
import {
  ALL_BYTES,
  batchOf,
  commitAll,
  NO_MEMBER,
  openWriter,
  PLACE,
  recordsIn,
  recordsOf,
  temporaryDirectory,
} from '../../../support/log-fixture.ts';

const offset = (offset: number) => ({ ...PLACE, offset, metadata: '' });

describe('an embedded log', () => {
  it.each([{ partitions: 0 }, { partitions: 1.5 }, { maxMessageBytes: -1 }])(
    'refuses %j',
    (options) => {
      expect(() => embedded(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    },
  );

  it('makes a user topic with its partitions when one is described or written', async () => {
    const log = embedded({ partitions: 3 });
    await commitAll(log, 'a=1');
    const described = await log.admin.describeTopics([PLACE.topic, 'other']);
    expect([...described.values()].map(({ partitions }) => partitions)).toEqual([3, 3]);
  });

  it('ends what waits when it is closed', async () => {
    const log = embedded();
    await log.admin.describeTopics([PLACE.topic]);
    const reader = log.openReader({ isolation: 'read-committed' });
    const waiting = reader.fetch([{ ...PLACE, offset: 0 }], { ...ALL_BYTES, maxWaitMs: 60_000 });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await log.close();
    await refused;
    await expect(log.admin.ends([PLACE])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });

  it('takes several batches of a fetch up to its bytes', async () => {
    const log = embedded();
    for (let value = 0; value < 5; value++) await commitAll(log, `a=${value}`);
    const reader = log.openReader({ isolation: 'read-committed' });
    const options = { maxWaitMs: 0, maxPartitionBytes: 150 };
    const [fetched] = await reader.fetch([{ ...PLACE, offset: 0 }], options);
    const records = fetched?.batches.flatMap((batch) => recordsOf(batch));
    expect(records).toEqual(['0:a=0', '2:a=1']);
    expect(fetched?.nextOffset).toBe(4);
  });

  it('decides by the records, not the batch, what is too large', async () => {
    const log = embedded({ maxMessageBytes: 50 });
    const writer = await openWriter(log, null);
    const small = Array.from({ length: 20 }, (_, index) => `key=${index}`);
    await writer.produce([batchOf(...small)]);
    const large = writer.produce([batchOf(`key=${'x'.repeat(60)}`)]);
    await expect(large).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', where: PLACE });
  });
});

describe('on virtual time', () => {
  it('a fetch without data answers when its time is over', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const log = embedded({ runtime });
    await log.admin.describeTopics([PLACE.topic]);
    const reader = log.openReader({ isolation: 'read-committed' });
    const fetching = reader.fetch([{ ...PLACE, offset: 0 }], { ...ALL_BYTES, maxWaitMs: 500 });
    const [fetched] = await runtime.runUntil(fetching);
    expect(fetched?.batches).toEqual([]);
    expect(runtime.clock.monotonicTimeMs()).toBe(500);
  });

  it('offsets held back by a dead writer are there once its transaction timed out', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const log = embedded({ runtime });
    const dead = await log.openWriter({ transactionalId: 'dead', transactionTimeoutMs: 3000 });
    await dead.produce([batchOf('a=1')]);
    await dead.sendOffsets([offset(1)], NO_MEMBER);
    const asked = log.admin.committedOffsets(NO_MEMBER.group, [PLACE]);
    expect(await runtime.runUntil(asked)).toEqual([null]);
    expect(runtime.clock.monotonicTimeMs()).toBe(3000);
    expect(await recordsIn(log)).toEqual([]);
  });
});

describe('an interceptor', () => {
  it('stands around every request', async () => {
    const seen: string[] = [];
    const intercept: Intercept = ({ api }, run) => {
      seen.push(api);
      return run();
    };
    const log = embedded({ intercept });
    await log.admin.createTopics([
      { topic: PLACE.topic, partitions: 1, cleanup: 'delete', settings: {} },
    ]);
    await log.admin.describeTopics([PLACE.topic]);
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('a=1')]);
    await writer.sendOffsets([offset(1)], NO_MEMBER);
    await writer.commit();
    await writer.produce([batchOf('b=2')]);
    await writer.abort();
    await log.admin.ends([PLACE]);
    await log.admin.committedOffsets(NO_MEMBER.group, [PLACE]);
    await log.admin.deleteRecords([{ ...PLACE, offset: 1 }]);
    await recordsIn(log, 'read-committed', 4);
    expect(seen).toEqual([
      'create-topics',
      'describe-topics',
      'init-producer',
      'produce',
      'send-offsets',
      'commit',
      'produce',
      'abort',
      'ends',
      'committed-offsets',
      'delete-records',
      'fetch',
    ]);
  });

  it('does not forget a group while it has members', async () => {
    const log = embedded();
    const membership = await log.joinGroup({
      ...{ group: 'app', instanceId: 'one', sessionTimeoutMs: 9_000, heartbeatIntervalMs: 3_000 },
      assignor: (members) =>
        new Map(
          members.map(({ memberId }) => [memberId, { partitions: [], userData: new Uint8Array() }]),
        ),
      listener: {
        userData: () => new Uint8Array(),
        onRevoked: async () => undefined,
        onAssigned: async () => undefined,
        onLost: async () => undefined,
        onFailed: () => undefined,
      },
    });
    expect(await log.admin.groupMembers('app')).toBe(1);
    await expect(log.admin.deleteGroup('app')).rejects.toMatchObject({ code: 'GROUP_NOT_EMPTY' });
    await membership.leave();
    await log.admin.deleteGroup('app');
    await log.close();
  });

  it('may lose the answer of a commit: a new writer finds out that it was', async () => {
    const lost = new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'no answer');
    const intercept: Intercept = async ({ api }, run) => {
      const answer = await run();
      if (api === 'commit') throw lost;
      return answer;
    };
    const log = embedded({ intercept });
    const writer = await openWriter(log, 'w');
    await writer.produce([batchOf('a=1')]);
    await writer.sendOffsets([offset(1)], NO_MEMBER);
    await expect(writer.commit()).rejects.toBe(lost);
    await expect(writer.produce([batchOf('b=2')])).rejects.toMatchObject({
      code: 'TRANSACTION_STATE',
    });
    await openWriter(log, 'w');
    expect(await log.admin.committedOffsets(NO_MEMBER.group, [PLACE])).toMatchObject([
      { offset: 1 },
    ]);
    expect(await recordsIn(log)).toEqual(['0:a=1']);
  });
});

/** A file system of 2 MiB, or null where one may not be mounted. */
function smallDisk(): { readonly directory: string; unmount(): void } | null {
  const directory = temporaryDirectory();
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory];
    execFileSync('/bin/mount', options, { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { directory, unmount: () => execFileSync('/bin/umount', [directory]) };
}

it('a full disk ends the log, and what was acknowledged before is there', async (context) => {
  const disk = smallDisk();
  if (disk === null) return context.skip('no right to mount a file system');
  const log = embedded({ directory: disk.directory });
  const kept: string[] = [];
  const fill = async (): Promise<void> => {
    for (let value = 0; value < 500; value++) {
      await commitAll(log, `${value}=${'x'.repeat(10_000)}`);
      kept.push(String(value));
    }
  };
  const full = { code: 'LOG_IO', errorClass: 'fatal' };
  await expect(fill()).rejects.toMatchObject(full);
  await expect(openWriter(log, 'later')).rejects.toMatchObject(full);
  await expect(log.close()).rejects.toMatchObject(full);
  execFileSync('/bin/mount', ['-o', 'remount,size=20m', disk.directory]);
  const after = embedded({ directory: disk.directory });
  const keys = (await recordsIn(after)).map((record) => /:(\d+)=/.exec(record)?.[1]);
  expect(keys.slice(0, kept.length)).toEqual(kept);
  await after.close();
  disk.unmount();
});
