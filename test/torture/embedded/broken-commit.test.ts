import { describe, expect, it } from 'vitest';
import { fillTopic } from '../../../bench/log/fill.ts';
import { readTopic } from '../../../bench/log/read-topic.ts';
import { embedded } from '../../../src/core/log/embedded/embedded.ts';
import type { Log, Writer } from '../../../src/core/log/port.ts';
import { createRecordBatchBuilder } from '../../../src/core/log/record-batch/encode-batch.ts';
import { noHeaders } from '../../../src/core/model/headers.ts';
import { memoryBackend } from '../../../src/state/memory/memory-backend.ts';
import { brokenPorts } from './broken-commit.ts';
import { overriding } from '../overriding.ts';
import { type Ports, mappingStates } from '../ports.ts';

/** Ports that note what reaches them. */
function notingPorts(log: Log, notes: string[]): Ports {
  return {
    log: overriding(log, {
      async openWriter(options) {
        const writer = await log.openWriter(options);
        const commit = () => {
          notes.push(`commit ${options.transactionalId}`);
          return writer.commit();
        };
        return overriding(writer, { commit });
      },
    }),
    backend: mappingStates(memoryBackend(), (state) =>
      overriding(state, {
        write(position) {
          notes.push(`rows at ${position.commitNumber}`);
          return state.write(position);
        },
      }),
    ),
  };
}

/** The steps of a commit as a worker takes them. */
async function commitOnce({ log, backend }: Ports): Promise<void> {
  const opening = { application: 'a', taskId: 't-0', stores: [], rawStores: ['raw'] };
  const state = await backend.open({ ...opening, maxCacheBytes: 0 });
  const writer = await log.openWriter({ transactionalId: 'w', transactionTimeoutMs: 1_000 });
  state.raw('raw').put(Buffer.from('k'), Buffer.from('v'));
  state.drain({ change: () => undefined });
  await produce(writer, 'out');
  await produce(writer, 'a-progress');
  await writer.commit();
  await state.write({ commitNumber: 1, changelogs: new Map(), committedAtMs: 0 });
}

async function produce(writer: Writer, topic: string): Promise<void> {
  const batch = createRecordBatchBuilder();
  batch.append(1, 'k', topic, noHeaders);
  await writer.produce([{ topic, partition: 0, batch }]);
}

async function preparedLog(): Promise<Log> {
  const log = embedded({ partitions: 1 });
  await fillTopic(log, { topic: 'out', partitions: 1, records: [] });
  await fillTopic(log, { topic: 'a-progress', partitions: 1, records: [] });
  return log;
}

describe('a broken commit', () => {
  it('level-before-log writes the rows before the log ends the transaction', async () => {
    const notes: string[] = [];
    await commitOnce(brokenPorts(notingPorts(await preparedLog(), notes), 'level-before-log'));
    expect(notes).toEqual(['rows at 0', 'commit w']);
  });

  it('offsets-before-outputs commits the progress row first, in its own transaction', async () => {
    const notes: string[] = [];
    const log = await preparedLog();
    const broken = brokenPorts(notingPorts(log, notes), 'offsets-before-outputs');
    await commitOnce(broken);
    expect(notes).toEqual(['commit w', 'commit w-outputs', 'rows at 1']);
    expect(await readTopic(log, 'out')).toHaveLength(1);
    expect(await readTopic(log, 'a-progress')).toHaveLength(1);
  });
});
