import { LogError } from '../../../src/core/model/errors.ts';
import type {
  Admin,
  GroupOptions,
  Log,
  Membership,
  Reader,
  TopicPartition,
  Writer,
} from '../../../src/core/log/port.ts';
import { awaitingMarkers } from './awaiting-markers.ts';

const partitions = 3;
const internal = /-(?:changelog|repartition)$/;

/**
 * A log of its own inside a shared one: all names get a prefix, and a topic is created when it is
 * first used, as the embedded log does it. Errors name places without the prefix.
 */
export function isolatedLog(log: Log, prefix: string): Log {
  const names = namesOf(prefix);
  const admin = isolatedAdmin(log, names);
  const made = new Map<string, Promise<void>>();
  const make = (topics: readonly string[]): Promise<unknown> => {
    const wanted = topics.filter((topic) => !internal.test(topic));
    for (const topic of wanted.filter((name) => !made.has(name))) {
      const shape = { topic, partitions, cleanup: 'delete', settings: {} } as const;
      made.set(topic, admin.createTopics([shape]));
    }
    return Promise.all(wanted.map((topic) => made.get(topic)));
  };
  return {
    admin: {
      ...admin,
      async describeTopics(topics) {
        await make(topics);
        return admin.describeTopics(topics);
      },
      async ends(places) {
        await make(topicsOf(places));
        return admin.ends(places);
      },
      async createTopics(topics) {
        await admin.createTopics(topics);
        for (const { topic } of topics) made.set(topic, Promise.resolve());
      },
    },
    openReader: (options) => isolatedReader(log.openReader(options), names, make),
    async openWriter({ transactionalId, ...options }) {
      const id = transactionalId === null ? null : names.add(transactionalId);
      const writer = await names.failing(log.openWriter({ ...options, transactionalId: id }));
      const settled = id === null ? writer : awaitingMarkers(writer, log.admin);
      return isolatedWriter(settled, names, make);
    },
    joinGroup: (options) => isolatedGroup(log, options, names),
    close: () => log.close(),
  };
}

function topicsOf(places: readonly TopicPartition[]): readonly string[] {
  return [...new Set(places.map(({ topic }) => topic))];
}

type Make = (topics: readonly string[]) => Promise<unknown>;
type Names = ReturnType<typeof namesOf>;

function namesOf(prefix: string) {
  const add = (name: string) => `${prefix}.${name}`;
  const remove = (name: string) =>
    name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
  const own = <P extends TopicPartition>(place: P): P => ({ ...place, topic: add(place.topic) });
  const foreign = <P extends TopicPartition>(place: P): P => ({
    ...place,
    topic: remove(place.topic),
  });
  const failing = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await promise;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      const { errorClass, code, message, where } = error;
      const topic = where.topic === undefined ? {} : { topic: remove(where.topic) };
      throw new LogError(errorClass, code, message, {
        cause: error,
        where: { ...where, ...topic },
      });
    }
  };
  return { add, remove, own, foreign, failing };
}

function isolatedAdmin({ admin }: Log, { add, remove, own, failing }: Names): Admin {
  return {
    async listTopics() {
      const topics = await failing(admin.listTopics());
      return topics.filter((topic) => remove(topic) !== topic).map(remove);
    },
    async topicSettings(topics, settings) {
      const found = await failing(admin.topicSettings(topics.map(add), settings));
      return new Map([...found].map(([topic, values]) => [remove(topic), values]));
    },
    deleteTopics: (topics) => failing(admin.deleteTopics(topics.map(add))),
    groupMembers: (group) => failing(admin.groupMembers(add(group))),
    deleteGroup: (group) => failing(admin.deleteGroup(add(group))),
    async describeTopics(topics) {
      const described = await failing(admin.describeTopics(topics.map(add)));
      const rows = [...described.values()].map((row) => ({ ...row, topic: remove(row.topic) }));
      return new Map(rows.map((row) => [row.topic, row]));
    },
    createTopics: (topics) =>
      failing(admin.createTopics(topics.map((row) => ({ ...row, topic: add(row.topic) })))),
    ends: (places) => failing(admin.ends(places.map(own))),
    committedOffsets: (group, places, kind) =>
      failing(admin.committedOffsets(add(group), places.map(own), kind)),
    fenceProducer: (id) => failing(admin.fenceProducer(add(id))),
    deleteRecords: (before) => failing(admin.deleteRecords(before.map(own))),
  };
}

function isolatedReader(reader: Reader, names: Names, make: Make): Reader {
  const { own, foreign, failing } = names;
  let isWoken = false;
  return {
    async fetch(requests, options) {
      await make(topicsOf(requests));
      const fetching = reader.fetch(requests.map(own), options);
      // Came before the topic was there, that is to the request that is sent only now.
      if (isWoken) reader.wakeUp();
      isWoken = false;
      return (await failing(fetching)).map(foreign);
    },
    wakeUp() {
      isWoken = true;
      reader.wakeUp();
    },
    close: () => reader.close(),
  };
}

function isolatedWriter(writer: Writer, { add, own, foreign, failing }: Names, make: Make): Writer {
  return {
    async produce(batches) {
      await make(topicsOf(batches));
      return (await failing(writer.produce(batches.map(own)))).map(foreign);
    },
    async sendOffsets(offsets, group) {
      await make(topicsOf(offsets));
      const named = { ...group, group: add(group.group) };
      await failing(writer.sendOffsets(offsets.map(own), named));
    },
    commit: () => failing(writer.commit()),
    abort: () => failing(writer.abort()),
    close: () => writer.close(),
  };
}

/** Assignments pass through: to the broker they are bytes. */
async function isolatedGroup(
  log: Log,
  options: GroupOptions,
  { add, remove, failing }: Names,
): Promise<Membership> {
  const joining = log.joinGroup({ ...options, group: add(options.group) });
  const membership = await failing(joining);
  return {
    get metadata() {
      return { ...membership.metadata, group: remove(membership.metadata.group) };
    },
    get leaseEndsMs() {
      return membership.leaseEndsMs;
    },
    rejoin: () => membership.rejoin(),
    leave: () => failing(membership.leave()),
  };
}
