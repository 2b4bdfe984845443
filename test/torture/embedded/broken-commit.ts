import type { PartitionBatch, ProduceReceipt, Writer } from '../../../src/core/log/port.ts';
import type { MaybePromise } from '../../../src/core/model/maybe-promise.ts';
import type { LocalState } from '../../../src/core/task/state-port.ts';
import { overriding } from '../overriding.ts';
import { type Ports, mappingStates } from '../ports.ts';

export const breakages = ['level-before-log', 'offsets-before-outputs'] as const;
export type Breakage = (typeof breakages)[number];

/** Ports that put the steps of an exactly-once commit into an order that loses or repeats work. */
export function brokenPorts(ports: Ports, breakage: Breakage): Ports {
  return breakage === 'level-before-log' ? levelBeforeLog(ports) : offsetsBeforeOutputs(ports);
}

/**
 * Rows are written to the local state, under the position of the commit before, and only then the
 * log ends the transaction. A death in between leaves rows of work that will be done again.
 */
function levelBeforeLog({ log, backend }: Ports): Ports {
  const written: (() => MaybePromise<void>)[] = [];
  const writeFirst = async (writer: Writer) => {
    for (const write of written.splice(0)) await write();
    await writer.commit();
  };
  return {
    log: overriding(log, {
      async openWriter(options) {
        const writer = await log.openWriter(options);
        return overriding(writer, { commit: () => writeFirst(writer) });
      },
    }),
    backend: mappingStates(backend, (state) => eagerState(state, written)),
  };
}

/**
 * Each drain leaves a task that writes what was drained. A batch is written once, so the position
 * in it is that of the commit before: the next start finds the tail that follows, and applies it.
 */
function eagerState(state: LocalState, tasks: (() => MaybePromise<void>)[]): LocalState {
  let known = state.position ?? { commitNumber: 0, changelogs: new Map(), committedAtMs: 0 };
  let isWritten = false;
  return overriding(state, {
    drain(sink) {
      state.drain(sink);
      isWritten = false;
      tasks.push(() => {
        isWritten = true;
        return state.write(known);
      });
    },
    restore(store, changes, position) {
      known = position;
      return state.restore(store, changes, position);
    },
    write(position) {
      known = position;
      return isWritten ? undefined : state.write(position);
    },
  });
}

/**
 * Offsets and progress rows are committed in a transaction of their own, before the one of outputs
 * and changelogs. A death in between loses what was written for those offsets.
 */
function offsetsBeforeOutputs({ log, backend }: Ports): Ports {
  return {
    backend,
    log: overriding(log, {
      async openWriter(options) {
        const progress = await log.openWriter(options);
        if (options.transactionalId === null) return progress;
        const transactionalId = `${options.transactionalId}-outputs`;
        return splitWriter(progress, await log.openWriter({ ...options, transactionalId }));
      },
    }),
  };
}

function splitWriter(progress: Writer, outputs: Writer): Writer {
  const both = async (end: (writer: Writer) => Promise<void>) => {
    await end(progress);
    await end(outputs);
  };
  return overriding(progress, {
    async produce(batches) {
      const rows = batches.filter(isProgress);
      const others = batches.filter((batch) => !isProgress(batch));
      const receipts: ProduceReceipt[] = [];
      if (others.length > 0) receipts.push(...(await outputs.produce(others)));
      if (rows.length > 0) receipts.push(...(await progress.produce(rows)));
      return batches.map((batch) => receiptOf(batch, receipts));
    },
    commit: () => both((writer) => writer.commit()),
    abort: () => both((writer) => writer.abort()),
    close: () => both((writer) => writer.close()),
  });
}

function isProgress({ topic }: PartitionBatch): boolean {
  return topic.endsWith('-progress');
}

function receiptOf(batch: PartitionBatch, receipts: readonly ProduceReceipt[]): ProduceReceipt {
  const receipt = receipts.find(
    ({ topic, partition }) => topic === batch.topic && partition === batch.partition,
  );
  if (receipt === undefined) throw new Error(`No receipt for ${batch.topic}.`);
  return receipt;
}
