import { partitionName } from '../log/partition-name.ts';
import type { Log, TopicPartition } from '../log/port.ts';
import { ConfigError } from '../model/errors.ts';
import type { Clock } from '../runtime/runtime.ts';
import type { Manifest, ManifestStore } from '../topology/manifest.ts';
import { changelogTopic, transactionalId } from '../topology/names.ts';
import { RowWriter } from '../worker/row-writer.ts';
import { progressPlace, SettledRows } from '../worker/settled-rows.ts';
import type { KnownApplication } from './known-application.ts';
import { requireNoMembers } from './require-no-members.ts';

const transactionTimeoutMs = 30_000;

export interface StoreToEmpty {
  readonly store: ManifestStore;
  readonly topic: string;
  readonly partitions: number;
}

/**
 * The store of a name; for that of an operator also what it keeps beside it, such as the keys that
 * wait for an emission: one without the other would contradict itself.
 *
 * @throws {ConfigError} `UNKNOWN_STORE`, or `BAD_OPTION` for one whose rows are its source's.
 */
export function storesToEmpty(
  { topology: { application }, manifest }: KnownApplication,
  name: string,
): readonly StoreToEmpty[] {
  const all = manifest?.stores ?? [];
  const named = all.find((other) => other.name === name);
  if (named === undefined) {
    const names = all.map((other) => `'${other.name}'`).join(', ');
    const known = names === '' ? 'it has none yet' : `it has ${names}`;
    const message = `The application '${application}' keeps no store '${name}': ${known}.`;
    throw new ConfigError('UNKNOWN_STORE', message);
  }
  if (named.detail['changelog'] === 'source') {
    const message = `The rows of '${name}' are those of its source topic: there is nothing to empty.`;
    throw new ConfigError('BAD_OPTION', message);
  }
  const stores = named.name === named.node ? all.filter(({ node }) => node === name) : [named];
  return stores.map((store) => {
    const topic = changelogTopic(application, store.name);
    const own = manifest?.internalTopics.find((other) => other.topic === topic);
    return { store, topic, partitions: own?.partitions ?? 0 };
  });
}

/**
 * Empties stores: a tombstone for each row of their changelogs, then, in one transaction, progress
 * rows that name them. Copies of the state on any machine read the tombstones when they are opened.
 * Cut short before the transaction, nothing has happened.
 *
 * @throws {LogError} `GROUP_NOT_EMPTY`
 */
export async function emptyStores(
  { topology: { application }, manifest }: KnownApplication,
  stores: readonly StoreToEmpty[],
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<void> {
  await requireNoMembers(log, application);
  const id = transactionalId(application, 'reset');
  const writer = await log.openWriter({ transactionalId: id, transactionTimeoutMs });
  try {
    const rowWriter = new RowWriter(writer);
    const rows = new SettledRows(log, rowWriter, clock.wallClockTimeMs());
    const emptied = new Map<string, EmptiedTask>();
    for (const { store, topic, partitions } of stores) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const place = progressPlace(application, store.subTopology, partition);
        const task = emptied.get(partitionName(place)) ?? { place, ends: {} };
        emptied.set(partitionName(place), task);
        task.ends[store.name] = await rows.empty({ topic, partition });
      }
    }
    for (const { place, ends } of emptied.values()) {
      const row = await rows.progress(place);
      if (row === null) continue;
      await rows.putProgress(place, { ...row, changelogs: { ...row.changelogs, ...ends } });
    }
    if (manifest !== null) await rows.putManifest(without(manifest, stores));
    await rowWriter.flush();
    await writer.commit();
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  } finally {
    await writer.close();
  }
}

/** An empty store may be of any format: to the next start it is new. */
function without(manifest: Manifest, emptied: readonly StoreToEmpty[]): Manifest {
  const names = new Set(emptied.map(({ store }) => store.name));
  return { ...manifest, stores: manifest.stores.filter(({ name }) => !names.has(name)) };
}

interface EmptiedTask {
  readonly place: TopicPartition;
  /** Behind the tombstones, by store. */
  readonly ends: Record<string, number>;
}
