import { ConfigError } from '../../model/errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { systemRuntime } from '../../runtime/system-runtime.ts';
import type { Log } from '../port.ts';
import { EmbeddedBroker } from './broker.ts';
import { DirectoryStorage } from './directory-storage.ts';
import { embeddedAdmin } from './embedded-admin.ts';
import { embeddedReader } from './embedded-reader.ts';
import { openEmbeddedWriter } from './embedded-writer.ts';
import type { Intercept } from './fault-intercept.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import { interceptGroup } from './group-intercept.ts';
import { joinGroup } from '../group/membership.ts';
import { memoryStorage } from './memory-storage.ts';
import { createRequests } from './requests.ts';

export interface EmbeddedOptions {
  /** Keeps the log there, for one process at a time; in memory if absent. */
  readonly directory?: string;
  /** Of a user topic, which is made on its first use; 4 if absent. */
  readonly partitions?: number;
  /** The largest record, unless its topic has `max.message.bytes`; 1,048,588 if absent. */
  readonly maxMessageBytes?: number;
  /** Of batches held in memory beside a directory; 64 MiB if absent. */
  readonly maxCacheBytes?: number;
  /** Each write to a directory waits for the disk: survives a crash of the machine too. */
  readonly sync?: boolean;
  readonly runtime?: Runtime;
  /** Stands around every request; for tests. */
  readonly intercept?: Intercept;
}

/** A log inside the process. */
export interface EmbeddedLog extends Log {
  /** The broker behind it. @internal */
  readonly broker: EmbeddedBroker;
}

const defaultMaxMessageBytes = 1_048_588;
const defaultMaxCacheBytes = 64 * 1024 * 1024;

/**
 * A log inside the process: partitions, groups, transactions and fencing as Kafka has them, and
 * nothing to install. Given to several workers of the process it makes a cluster of them.
 *
 * What a directory holds survives the death of the process; what was open then is aborted. Memory
 * then holds an index entry per batch, and the bytes of batches up to `maxCacheBytes`.
 *
 * @throws {ConfigError} `BAD_OPTION`. An unusable directory rejects each request with `LOG_IO`.
 */
export function embedded(options: EmbeddedOptions = {}): EmbeddedLog {
  const { runtime = systemRuntime, intercept = null } = options;
  const coordinator = new GroupCoordinator(runtime);
  const groups = intercept === null ? coordinator : interceptGroup(coordinator, intercept);
  const broker = new EmbeddedBroker({
    storage: storageOf(options),
    clock: runtime.clock,
    groups: coordinator,
    partitions: positive('partitions', options.partitions ?? 4),
    maxMessageBytes: positive('maxMessageBytes', options.maxMessageBytes ?? defaultMaxMessageBytes),
  });
  const requests = createRequests(broker, intercept);
  return {
    broker,
    admin: embeddedAdmin(broker, requests, runtime),
    openReader: ({ isolation }) => embeddedReader(broker, requests, { isolation, runtime }),
    openWriter: (writer) => openEmbeddedWriter(broker, requests, writer),
    async joinGroup(group) {
      await broker.open();
      return joinGroup(groups, runtime, group);
    },
    async close() {
      coordinator.close();
      await broker.close();
    },
  };
}

function storageOf({ directory, maxCacheBytes, sync = false }: EmbeddedOptions) {
  if (directory === undefined) return memoryStorage();
  const maxBytes = positive('maxCacheBytes', maxCacheBytes ?? defaultMaxCacheBytes);
  return new DirectoryStorage({ directory, maxCacheBytes: maxBytes, sync });
}

function positive(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new ConfigError(
    'BAD_OPTION',
    `embedded({ ${option}: ${value} }): give a whole number above 0.`,
  );
}
