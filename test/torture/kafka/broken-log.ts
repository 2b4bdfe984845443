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

/** Nobody ends a transaction for its owner within a run. */
const endlessMs = 120_000;
/** How long an answer to `EndTxn` is waited for by who then sends it again. */
export const hastyMs = 1_500;

/** The log with one thing done wrong, and without the nets below it that would hide that. */
export function brokenLog(log: Log, breakage: KafkaBreakage): Log {
  const netless = withoutNets(log);
  switch (breakage) {
    case 'no-generation':
      return withoutGeneration(netless);
    case 'unstable-offsets':
      return withUnstableOffsets(netless);
    case 'restore-to-last-stable':
      return withStableEnds(netless);
    case 'commit-retried':
      return netless;
  }
}

/**
 * A member that is thought dead is neither fenced by who takes its tasks over nor by the time-out
 * of its transaction, which is shorter than its session.
 */
function withoutNets(log: Log): Log {
  return overriding(log, {
    admin: overriding(log.admin, { fenceProducer: async () => undefined }),
    openWriter: (options) => log.openWriter({ ...options, transactionTimeoutMs: endlessMs }),
  });
}

/** Nobody refuses the commit of a member whose tasks are another's by now. */
function withoutGeneration(log: Log): Log {
  return overriding(log, {
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
          const isEnd = api.key === endTxn.key;
          return await connections.call(
            nodeId,
            api,
            request,
            isEnd ? { timeoutMs: hastyMs } : options,
          );
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
