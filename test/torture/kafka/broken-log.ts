import type { Connections } from '../../../src/core/log/kafka/connections/connections.ts';
import { endTxn } from '../../../src/core/log/kafka/wire/messages/end-txn.ts';
import type { Api } from '../../../src/core/log/kafka/wire/api.ts';
import type { Log } from '../../../src/core/log/port.ts';
import { LogError } from '../../../src/index.ts';
import { overriding } from '../overriding.ts';

/** What an adapter could do wrong, each of which loses or repeats work. */
export const kafkaBreakages = [
  'no-generation',
  'unstable-offsets',
  'restore-to-last-stable',
  'commit-retried',
] as const;
export type KafkaBreakage = (typeof kafkaBreakages)[number];

/** The log with one thing done wrong. */
export function brokenLog(log: Log, breakage: KafkaBreakage): Log {
  switch (breakage) {
    case 'no-generation':
      return withoutGeneration(log);
    case 'unstable-offsets':
      return withUnstableOffsets(log);
    case 'restore-to-last-stable':
      return withStableEnds(log);
    case 'commit-retried':
      return log;
  }
}

/**
 * Nobody refuses the commit of a member whose tasks are another's by now. The fencing of dead
 * members on taking over would hide it in most cases, so it is left out too.
 */
function withoutGeneration(log: Log): Log {
  const admin = overriding(log.admin, { fenceProducer: async () => undefined });
  return overriding(log, {
    admin,
    async openWriter(options) {
      const writer = await log.openWriter(options);
      return overriding(writer, {
        sendOffsets: (offsets, { group }) =>
          writer.sendOffsets(offsets, { group, generation: -1, memberId: '' }),
      });
    },
  });
}

/**
 * A task begins where the last decided commit ended, although one more is under way. Its progress
 * rows would tell, for they are read up to the end of the log; so they are read only as far as they
 * are decided too.
 */
function withUnstableOffsets(log: Log): Log {
  const stable = withStableEnds(log);
  const admin = overriding(stable.admin, {
    fenceProducer: async () => undefined,
    committedOffsets: (group, partitions) => log.admin.committedOffsets(group, partitions, 'last'),
  });
  return overriding(log, { admin });
}

/** A restore ends before what is decided, but not yet marked so in this partition. */
function withStableEnds(log: Log): Log {
  const admin = overriding(log.admin, {
    ends: async (partitions) =>
      (await log.admin.ends(partitions)).map((ends) => ({
        ...ends,
        logEndOffset: ends.lastStableOffset,
      })),
  });
  return overriding(log, { admin });
}

/** An end of a transaction is sent again after a time-out, and the epoch is used further. */
export function retryingCommits(connections: Connections): Connections {
  return overriding(connections, {
    async call<Request, Answer>(
      nodeId: number,
      api: Api<Request, Answer>,
      request: Request,
      options?: { readonly timeoutMs?: number },
    ): Promise<Answer> {
      for (;;) {
        try {
          return await connections.call(nodeId, api, request, options);
        } catch (error) {
          if (api.key !== endTxn.key || !isDoubtful(error)) throw error;
        }
      }
    },
  });
}

function isDoubtful(error: unknown): boolean {
  return error instanceof LogError && error.code === 'REQUEST_TIMED_OUT';
}
