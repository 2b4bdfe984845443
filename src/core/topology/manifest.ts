import { createHash } from 'node:crypto';
import { StoreError, TopologyError } from '../model/errors.ts';
import type { SerdeFormat, StoredFormat } from '../serde/serde.ts';
import type { AnyStoreDefinition } from '../task/state-port.ts';
import { canonicalJson, isRecord } from './canonical-json.ts';
import type { InternalTopic } from './internal-topics.ts';
import { byName } from './names.ts';
import { type CountedTopic, countedTopics, type PartitionCounts } from './partition-counts.ts';
import type { PlanNode, Topology } from './plan.ts';
import { stateDetail } from './state-detail.ts';

/** Version of the engine's own layouts: store rows, progress rows, timers, changelogs. */
export const engineFormat = 1;

/** What the state of an application was made for. Plain JSON; kept beside the state. */
export interface Manifest {
  readonly engineFormat: number;
  readonly application: string;
  readonly sourceTopics: readonly { readonly topic: string; readonly partitions: number }[];
  readonly internalTopics: readonly ManifestTopic[];
  readonly stores: readonly ManifestStore[];
  readonly subTopologies: readonly ManifestSubTopology[];
  /** Version of the time zone data; only where a store has windows of a calendar. */
  readonly timeZoneData?: string;
}

export interface ManifestTopic {
  readonly topic: string;
  readonly kind: InternalTopic['kind'];
  /** The node or sub-topology it belongs to. */
  readonly owner: string | null;
  readonly partitions: number;
  /** Repartition topics: the declared partitioner, and the formats of what is in flight. */
  readonly partitioner: string | null;
  readonly key: SerdeFormat | null;
  readonly value: SerdeFormat | null;
}

export interface ManifestStore {
  readonly name: string;
  /** The node that declares it, and what kind of operator it is. */
  readonly node: string;
  readonly operator: string;
  readonly subTopology: string;
  readonly kind: AnyStoreDefinition['schema']['kind'];
  readonly key: SerdeFormat;
  readonly value: StoredFormat;
  /** Windows, retention and the like. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ManifestSubTopology {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly stores: readonly string[];
}

/** `timeZoneData`: the version of what this process computes with. */
export function manifestOf(
  topology: Topology,
  counts: PartitionCounts,
  timeZoneData: string | null,
): Manifest {
  const sources = topology.nodes.filter((node) => node.type === 'source');
  const stores = storeEntries(topology).sort((a, b) => byName(a.name, b.name));
  const isZoned = stores.some(({ detail }) => detail['zone'] !== undefined);
  const manifest: Manifest = {
    engineFormat,
    application: topology.application,
    sourceTopics: sources
      .map(({ topic }) => ({ topic, partitions: counts.topics.get(topic) ?? 0 }))
      .sort((a, b) => byName(a.topic, b.topic)),
    internalTopics: countedTopics(topology, counts)
      .map((counted) => topicEntry(counted, topology.nodes))
      .sort((a, b) => byName(a.topic, b.topic)),
    stores,
    subTopologies: topology.subTopologies.map(({ id, inputs, stores }) => ({
      id,
      inputs: inputs.map(({ topic }) => topic).sort(byName),
      stores: stores.map(({ name }) => name).sort(byName),
    })),
    ...(isZoned && timeZoneData !== null ? { timeZoneData } : {}),
  };
  // Through JSON once, so that a manifest made and one read back compare alike.
  return parseManifest(serializeManifest(manifest));
}

/** Over all that a refusal depends on: workers with unequal hashes never run at the same time. */
export function stateHash(manifest: Manifest): string {
  const { sourceTopics, internalTopics, stores } = manifest;
  const guarded = {
    engineFormat: manifest.engineFormat,
    application: manifest.application,
    sourceTopics,
    internalTopics: internalTopics.map(({ topic, partitions, partitioner }) => {
      return { topic, partitions, partitioner };
    }),
    stores: stores.map(({ name, kind, key, value, detail }) => {
      return { name, kind, key: named(key), value: named(value), detail: stateDetail(detail) };
    }),
  };
  return createHash('sha256').update(canonicalJson(guarded)).digest('hex');
}

export function serializeManifest(manifest: Manifest): string {
  return canonicalJson(manifest);
}

/**
 * @throws {TopologyError} `FORMAT_NEWER` if a newer engine wrote it.
 * @throws {StoreError} `STORE_DAMAGED` if it is no manifest.
 */
export function parseManifest(text: string): Manifest {
  const value = parsed(text);
  if (!isRecord(value) || typeof value['engineFormat'] !== 'number') throw damaged();
  if (value['engineFormat'] > engineFormat) {
    const message =
      `the state has format ${value['engineFormat']}, this version of the library knows ` +
      `${engineFormat}: run the newer version; nothing was touched`;
    throw new TopologyError([{ code: 'FORMAT_NEWER', message }]);
  }
  const lists = ['sourceTopics', 'internalTopics', 'stores', 'subTopologies'];
  const isWhole = lists.every((name) => Array.isArray(value[name]) && value[name].every(isRecord));
  if (!isWhole || typeof value['application'] !== 'string') throw damaged();
  return value as unknown as Manifest; // its format and its lists were checked just now
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown; // JSON.parse gives `any`
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    'The manifest of the application cannot be read: reset the application on purpose.',
    { cause },
  );
}

function topicEntry(counted: CountedTopic, nodes: readonly PlanNode[]): ManifestTopic {
  const { topic, kind, owner, partitions } = counted;
  const point = nodes.find((node) => node.type === 'repartition' && node.name === owner);
  const isPoint = kind === 'repartition' && point?.type === 'repartition';
  return {
    topic,
    kind,
    owner,
    partitions,
    partitioner: isPoint ? (point.partitioner?.name ?? null) : null,
    key: isPoint ? named(point.key) : null,
    value: isPoint ? named(point.value) : null,
  };
}

function storeEntries({ nodes, subTopologies }: Topology): ManifestStore[] {
  return subTopologies.flatMap(({ id, stores }) =>
    stores.map(({ name, schema }) => {
      const node = nodes.find((other) => hasStore(other, name));
      return {
        name,
        node: node?.name ?? '',
        operator: node?.kind ?? '',
        subTopology: id,
        kind: schema.kind,
        key: named(schema.key),
        value: withOlder(schema.value),
        detail: schema.detail,
      };
    }),
  );
}

function hasStore(node: PlanNode, name: string): boolean {
  return node.type === 'operator' && node.stores.some((store) => store.name === name);
}

/** Serdes are formats too; only name and version are kept. */
function named({ format, version }: SerdeFormat): SerdeFormat {
  return { format, version };
}

function withOlder(serde: StoredFormat): StoredFormat {
  const { readsVersions = [], upgrades = false } = serde;
  return {
    ...named(serde),
    ...(readsVersions.length === 0 ? {} : { readsVersions }),
    ...(upgrades ? { upgrades } : {}),
  };
}
