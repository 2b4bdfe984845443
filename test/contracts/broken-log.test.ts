import { describe, expect, it } from 'vitest';
import { embedded } from '../../src/core/log/embedded/embedded.ts';
import type {
  Admin,
  FetchedPartition,
  FetchOptions,
  FetchRequest,
  Log,
  Reader,
  Writer,
} from '../../src/core/log/port.ts';
import { ALL_BYTES } from '../support/log-fixture.ts';
import { logLaws } from './log.contract.ts';

type Break = (log: Log) => Log;

const breakAdmin =
  (change: (admin: Admin) => Partial<Admin>): Break =>
  (log) => ({ ...log, admin: { ...log.admin, ...change(log.admin) } });

const breakReader =
  (change: (reader: Reader, log: Log) => Partial<Reader>): Break =>
  (log) => ({
    ...log,
    openReader(options) {
      const reader = log.openReader(options);
      const whole: Reader = {
        fetch: (requests, options) => reader.fetch(requests, options),
        wakeUp: () => reader.wakeUp(),
        close: () => reader.close(),
      };
      return { ...whole, ...change(reader, log) };
    },
  });

const breakFetch = (
  change: (
    fetch: Reader['fetch'],
    requests: readonly FetchRequest[],
    options: FetchOptions,
  ) => Promise<readonly FetchedPartition[]>,
): Break =>
  breakReader((reader) => ({
    fetch: (requests, options) => change(reader.fetch.bind(reader), requests, options),
  }));

const breakWriter =
  (change: (writer: Writer, log: Log) => Partial<Writer>): Break =>
  (log) => ({
    ...log,
    async openWriter(options) {
      const writer = await log.openWriter(options);
      const whole: Writer = {
        produce: (batches) => writer.produce(batches),
        sendOffsets: (offsets, group) => writer.sendOffsets(offsets, group),
        commit: () => writer.commit(),
        abort: () => writer.abort(),
        close: () => writer.close(),
      };
      return { ...whole, ...change(writer, log) };
    },
  });

/** Every writer gets a transactional id of its own, so that none fences another. */
const unfenced: Break = (log) => {
  let opened = 0;
  return {
    ...log,
    openWriter: ({ transactionalId, ...options }) =>
      log.openWriter({
        ...options,
        transactionalId: transactionalId === null ? null : `${transactionalId}-${opened++}`,
      }),
  };
};

const uncommittedReads: Break = (log) => ({
  ...log,
  openReader: () => log.openReader({ isolation: 'read-uncommitted' }),
});

/** As a client does that counts records instead of reading batch headers. */
const positionsFromRecords = breakFetch(async (fetch, requests, options) =>
  (await fetch(requests, options)).map((fetched, index) => {
    const last = fetched.batches.at(-1);
    const read = requests[index]?.offset ?? 0;
    return { ...fetched, nextOffset: last === undefined ? read : last.nextOffset };
  }),
);

const commitsAborts = breakWriter((writer) => ({ abort: () => writer.commit() }));

const forgivesRejections: Break = (log) => ({
  ...log,
  async openWriter(options) {
    let writer = await log.openWriter(options);
    const guarded = async <T>(request: () => Promise<T>): Promise<T> => {
      try {
        return await request();
      } catch (error) {
        writer = await log.openWriter(options);
        throw error;
      }
    };
    return {
      produce: (batches) => guarded(() => writer.produce(batches)),
      sendOffsets: (offsets, group) => guarded(() => writer.sendOffsets(offsets, group)),
      commit: () => guarded(() => writer.commit()),
      abort: () => guarded(() => writer.abort()),
      close: () => writer.close(),
    };
  },
});

/** Commits offsets beside the transaction, as a consumer does that knows of none. */
const offsetsAtOnce = breakWriter((_writer, log) => ({
  async sendOffsets(offsets, group) {
    const beside = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 1 });
    await beside.sendOffsets(offsets, group);
  },
}));

/** For each law a log that breaks it. */
const broken: Record<keyof typeof logLaws, Break> = {
  'a topic is described as it was created, and a second creation changes nothing': breakAdmin(
    (admin) => ({
      async describeTopics(topics) {
        const described = await admin.describeTopics(topics);
        return new Map([...described].map(([name, topic]) => [name, { ...topic, partitions: 5 }]));
      },
    }),
  ),
  'an internal topic that does not exist is not described, nor made by that': breakAdmin(
    (admin) => ({
      async describeTopics(topics) {
        const settings = { partitions: 4, cleanup: 'delete', settings: {} } as const;
        await admin.createTopics(topics.map((topic) => ({ topic, ...settings })));
        return admin.describeTopics(topics);
      },
    }),
  ),
  'ends count records and markers, in the order asked for': breakAdmin((admin) => ({
    ends: async (partitions) => [...(await admin.ends(partitions))].reverse(),
  })),
  'the last stable offset stays before an open transaction': breakAdmin((admin) => ({
    ends: async (partitions) =>
      (await admin.ends(partitions)).map((ends) => ({
        ...ends,
        lastStableOffset: ends.logEndOffset,
      })),
  })),
  'deleted records are out of range': breakAdmin(() => ({ deleteRecords: async () => undefined })),
  'what a fenced producer had open is aborted, and it commits nothing any more': breakAdmin(
    (admin) => ({
      fenceProducer: async () => undefined,
      committedOffsets: (group, partitions) => admin.committedOffsets(group, partitions, 'last'),
    }),
  ),
  'topics are listed until they are deleted, and made anew they are empty': breakAdmin(() => ({
    deleteTopics: async () => undefined,
  })),
  'a topic keeps its id, and one that is made anew has another': breakAdmin((admin) => ({
    async describeTopics(topics) {
      const described = await admin.describeTopics(topics);
      return new Map([...described].map(([name, topic]) => [name, { ...topic, id: name }]));
    },
  })),
  'settings are told by name, of topics that are there': breakAdmin((admin) => ({
    topicSettings: (topics) => admin.topicSettings(topics, ['cleanup.policy']),
  })),
  'a group without members is forgotten with its offsets': breakAdmin(() => ({
    deleteGroup: async () => undefined,
  })),
  'a group that committed nothing has no offset': breakAdmin(() => ({
    committedOffsets: async (_group, partitions) =>
      partitions.map(() => ({ offset: 0, metadata: '' })),
  })),
  'records are read in order, each with its offset, up to the end': breakFetch(
    async (fetch, requests, options) =>
      (await fetch(requests, options)).map((fetched) => ({
        ...fetched,
        batches: fetched.batches.toReversed(),
      })),
  ),
  'the answer holds each partition asked for, with its ends': breakFetch(
    async (fetch, requests, options) =>
      (await fetch(requests, options)).filter(({ batches }) => batches.length > 0),
  ),
  'a first batch above the bound is returned, and no other beside it': breakFetch(
    (fetch, requests, options) => fetch(requests, { ...ALL_BYTES, maxWaitMs: options.maxWaitMs }),
  ),
  'a position beyond the end is refused, never moved': breakFetch((fetch, requests, options) =>
    fetch(requests, options).catch(() =>
      fetch(
        requests.map((request) => ({ ...request, offset: 0 })),
        options,
      ),
    ),
  ),
  'a waiting fetch resolves when a record comes': breakFetch((fetch, requests) =>
    fetch(requests, ALL_BYTES),
  ),
  'a waiting fetch that is woken answers before one that waits for its time': breakReader(() => ({
    wakeUp: () => undefined,
  })),
  'a closed reader refuses': breakReader(() => ({ close: async () => undefined })),
  'a receipt names the partition and the first offset of its batch': breakWriter((writer) => ({
    produce: async (batches) =>
      (await writer.produce(batches)).map((receipt) => ({ ...receipt, baseOffset: 0 })),
  })),
  'an open transaction is seen by read-uncommitted alone': uncommittedReads,
  'aborted records are passed over, and the position with them': positionsFromRecords,
  'of interleaved transactions only the committed are read, from any position': commitsAborts,
  'a new writer fences the old one and aborts what it had open': unfenced,
  'a fenced writer cannot end the transaction of its successor': unfenced,
  'a rejection poisons the writer': forgivesRejections,
  "offsets become the group's when their transaction commits, not before": offsetsAtOnce,
  'offsets of an aborted transaction never were': commitsAborts,
  'without a transaction records and offsets count at once': breakWriter((writer) => ({
    sendOffsets: async (offsets, group) => {
      const moved = offsets.map((offset) => ({ ...offset, metadata: '' }));
      await writer.sendOffsets(moved, group);
    },
  })),
  'a transaction in which nothing was written ends without a trace': breakWriter((writer) => {
    let hasWritten = false;
    return {
      produce: (batches) => {
        hasWritten = true;
        return writer.produce(batches);
      },
      commit: () => (hasWritten ? writer.commit() : Promise.reject(new Error('no transaction'))),
    };
  }),
  'a record above the limit is refused, and nothing of its call is appended': breakWriter(
    (writer) => ({
      async produce(batches) {
        const receipts = [];
        for (const batch of batches) receipts.push(...(await writer.produce([batch])));
        return receipts;
      },
    }),
  ),
};

describe('the log contract rejects a log that breaks a law', () => {
  it('and each law has one', () => {
    expect(Object.keys(broken).sort()).toEqual(Object.keys(logLaws).sort());
  });

  for (const [law, breakLog] of Object.entries(broken)) {
    it(`as in: ${law}`, async () => {
      const log = embedded();
      await expect(logLaws[law]?.(breakLog(log))).rejects.toThrow();
      await log.close();
    });
  }
});
