import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import { compareManifests } from '../../../src/core/topology/compare-manifests.ts';
import { withKnownIds } from '../../../src/core/topology/known-ids.ts';
import {
  engineFormat,
  type Manifest,
  manifestOf,
  parseManifest,
  serializeManifest,
  stateHash,
} from '../../../src/core/topology/manifest.ts';
import { partitionCounts } from '../../../src/core/topology/partition-counts.ts';
import type { PlanNode, RepartitionNode, Topology } from '../../../src/core/topology/plan.ts';
import type { StoreSchema } from '../../../src/core/task/state-port.ts';
import {
  operator,
  repartition,
  settings,
  sink,
  source,
  store,
  table,
  tableSource,
} from '../../support/plan-nodes.ts';
import { plans } from '../../support/plans.ts';
import { thrownBy } from '../../support/thrown.ts';

const four = (topology: Topology) =>
  new Map(
    topology.nodes.flatMap((node): [string, number][] =>
      node.type === 'source' ? [[node.topic, 4]] : [],
    ),
  );

function manifestOfNodes(
  nodes: readonly PlanNode[],
  userTopics?: Record<string, number>,
  timeZoneData: string | null = null,
): Manifest {
  const topology = buildTopology(settings(), nodes);
  const counts = userTopics === undefined ? four(topology) : new Map(Object.entries(userTopics));
  return manifestOf(topology, partitionCounts(topology, counts), timeZoneData);
}

interface Shape {
  readonly storeName?: string;
  readonly schema?: Partial<StoreSchema>;
  readonly point?: Partial<RepartitionNode>;
  readonly pointName?: string;
  readonly extra?: (events: PlanNode) => readonly PlanNode[];
}

const tumblingDetail = (sizeMs: number, graceMs = 0) => ({
  window: { kind: 'tumbling', sizeMs, everyMs: sizeMs, graceMs },
  retentionMs: 0,
});

/** events -> filter -> repartition -> windowed count, with one thing changed. */
function shaped({ storeName = 'views', schema, point, pointName = 'by-post', extra }: Shape = {}) {
  const events = source('events');
  const filter = operator('filter-1', [events]);
  const byPost = repartition(pointName, [filter], point);
  const detail = tumblingDetail(60_000);
  const views = store(storeName, { kind: 'window', detail, ...schema });
  const count = operator(storeName, [byPost], { kind: 'count', stores: [views] });
  return [events, filter, byPost, count, ...(extra?.(events) ?? [])];
}

const base = manifestOfNodes(shaped());
const compared = (next: Manifest) => compareManifests(base, next);
const refusalsOf = (next: Manifest) => compared(next).refusals.map(({ code }) => code);

describe('a manifest', () => {
  it('comes back from its text', () => {
    for (const plan of Object.values(plans)) {
      const manifest = manifestOfNodes(plan());
      expect(parseManifest(serializeManifest(manifest))).toEqual(manifest);
    }
  });

  it('is the same text for the same topology', () => {
    expect(serializeManifest(manifestOfNodes(shaped()))).toBe(serializeManifest(base));
  });

  it('lists sources, internal topics and stores', () => {
    expect(base.sourceTopics).toEqual([{ topic: 'events', partitions: 4 }]);
    expect(base.internalTopics.map(({ topic }) => topic)).toEqual([
      'app-by-post-progress',
      'app-by-post-repartition',
      'app-events-progress',
      'app-manifest',
      'app-views-changelog',
    ]);
    expect(base.stores).toEqual([
      {
        name: 'views',
        node: 'views',
        operator: 'count',
        subTopology: 'by-post',
        kind: 'window',
        key: { format: 'string', version: 1 },
        value: { format: 'string', version: 1 },
        detail: tumblingDetail(60_000),
      },
    ]);
  });

  it('of a newer engine is refused before anything else of it is read', () => {
    const newer = JSON.stringify({ engineFormat: engineFormat + 1, surprise: true });
    expect(thrownBy(() => parseManifest(newer)).code).toBe('FORMAT_NEWER');
    const refusals = compareManifests({ ...base, engineFormat: engineFormat + 1 }, base).refusals;
    expect(refusals.map(({ code }) => code)).toEqual(['FORMAT_NEWER']);
  });

  it.each(['', 'null', '[]', '{}', '{"engineFormat":1}', '{"engineFormat":1,"stores":[1]}'])(
    'that is damaged is refused: %j',
    (text) => {
      expect(thrownBy(() => parseManifest(text)).code).toBe('STORE_DAMAGED');
    },
  );
});

describe('compatible changes', () => {
  const same: Record<string, readonly PlanNode[]> = {
    'nothing at all': shaped(),
    'a sink is added': shaped({ extra: (events) => [sink('out', [events])] }),
    'a stateless node is added': shaped({ extra: (events) => [operator('peek-1', [events])] }),
    'grace is changed': shaped({ schema: { detail: tumblingDetail(60_000, 5000) } }),
    'retention is changed': shaped({
      schema: { detail: { ...tumblingDetail(60_000), retentionMs: 9 } },
    }),
  };
  it.each(Object.entries(same))('%s: the state hash stays', (_name, nodes) => {
    const next = manifestOfNodes(nodes);
    expect(refusalsOf(next)).toEqual([]);
    expect(stateHash(next)).toBe(stateHash(base));
  });

  it('a store is added', () => {
    const next = manifestOfNodes(
      shaped({
        extra: (events) => [operator('seen', [events], { stores: [store('seen')] })],
      }),
    );
    expect(refusalsOf(next)).toEqual([]);
    expect(compared(next).compatible).toEqual(["store 'seen' is new"]);
    expect(stateHash(next)).not.toBe(stateHash(base));
  });

  it('a source is added', () => {
    const next = manifestOfNodes(shaped({ extra: () => [source('late-comer')] }));
    expect(refusalsOf(next)).toEqual([]);
    expect(compared(next).compatible).toEqual(["source topic 'late-comer' is new"]);
  });

  it('a store and a repartition point are removed: their topics are orphans', () => {
    const next = manifestOfNodes([source('events')]);
    expect(compared(next)).toEqual({
      refusals: [],
      compatible: ["store 'views' is gone"],
      warnings: [],
      orphans: ['app-by-post-progress', 'app-by-post-repartition', 'app-views-changelog'],
    });
  });

  it('a store does not move to other tasks: what they know of its time stays behind', () => {
    const events = source('events');
    const views = store('views', { kind: 'window', detail: tumblingDetail(60_000) });
    const next = manifestOfNodes([
      events,
      operator('views', [events], { kind: 'count', stores: [views] }),
    ]);
    expect(refusalsOf(next)).toEqual(['STORE_MOVED']);
  });

  it('a value version is raised by a serde that reads the old one', () => {
    const value = { format: 'string', version: 2, readsVersions: [1] };
    const next = manifestOfNodes(shaped({ schema: { value } }));
    expect(refusalsOf(next)).toEqual([]);
    expect(compared(next).compatible).toEqual(["values of 'views' are now written as string@2"]);
  });

  it('other time zone data is a warning, where windows of a calendar are kept', () => {
    const zoned = (timeZoneData: string | null, zone = 'Europe/Berlin') =>
      manifestOfNodes(
        shaped({ schema: { detail: { kind: 'calendar', unit: 'day', zone } } }),
        undefined,
        timeZoneData,
      );
    const { refusals, warnings } = compareManifests(zoned('2024a'), zoned('2025b'));
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      'the time zone data was 2024a and is 2025b: new calendar windows follow it',
    ]);
    expect(compareManifests(zoned('2024a'), zoned('2024a')).warnings).toEqual([]);
    expect(compareManifests(zoned(null), zoned('2025b')).warnings).toEqual([]);
    expect(stateHash(zoned('2024a'))).toBe(stateHash(zoned('2025b')));
    expect(manifestOfNodes(shaped(), undefined, '2025b')).toEqual(base);
    const moved = compareManifests(zoned('2024a'), zoned('2024a', 'Europe/Paris')).refusals;
    expect(moved.map(({ code }) => code)).toEqual(['WINDOW_CHANGED']);
  });

  it('grace and the like are told', () => {
    const next = manifestOfNodes(shaped({ schema: { detail: tumblingDetail(60_000, 1) } }));
    expect(compared(next).compatible).toEqual([
      "grace, retention or the like of 'views' has changed",
    ]);
  });
});

describe('refused changes', () => {
  const format = (name: string, version = 1) => ({ format: name, version });
  const partitioner = { name: 'by-region', partition: () => 0 };
  const cases: [name: string, code: string, next: Manifest][] = [
    ['a store is renamed', 'STORE_MISSING', manifestOfNodes(shaped({ storeName: 'counts' }))],
    [
      'a repartition point is renamed',
      'STORE_MISSING',
      manifestOfNodes(shaped({ pointName: 'by-id' })),
    ],
    ['the kind', 'FORMAT_CHANGED', manifestOfNodes(shaped({ schema: { kind: 'session' } }))],
    [
      'the key format',
      'FORMAT_CHANGED',
      manifestOfNodes(shaped({ schema: { key: format('json') } })),
    ],
    [
      'the key version',
      'FORMAT_CHANGED',
      manifestOfNodes(shaped({ schema: { key: { ...format('string', 2), readsVersions: [1] } } })),
    ],
    [
      'the value format',
      'FORMAT_CHANGED',
      manifestOfNodes(shaped({ schema: { value: format('json') } })),
    ],
    [
      'the value version, unreadable',
      'FORMAT_CHANGED',
      manifestOfNodes(shaped({ schema: { value: format('string', 2) } })),
    ],
    [
      'the window size',
      'WINDOW_CHANGED',
      manifestOfNodes(shaped({ schema: { detail: tumblingDetail(30_000) } })),
    ],
    [
      'the changelog',
      'CHANGELOG_MOVED',
      manifestOfNodes(
        shaped({ schema: { detail: { ...tumblingDetail(60_000), changelog: 'source' } } }),
      ),
    ],
    [
      'the partitioner',
      'PARTITIONING_CHANGED',
      manifestOfNodes(shaped({ point: { partitioner } })),
    ],
  ];
  it.each(cases)('%s: %s', (_name, code, next) => {
    // A renamed repartition point moves the stores behind it as well.
    expect(refusalsOf(next).filter((own) => own !== 'STORE_MOVED')).toEqual([code]);
    expect(stateHash(next)).not.toBe(stateHash(base));
  });

  it('the partitions of a source: PARTITIONING_CHANGED for it and all that follow it', () => {
    const next = manifestOfNodes(shaped(), { events: 8 });
    expect(new Set(refusalsOf(next))).toEqual(new Set(['PARTITIONING_CHANGED']));
    const told = compared(next).refusals.map(({ message }) => message.split("'")[1]);
    expect(told).toContain('events');
    expect(told).toContain('app-views-changelog');
  });

  it('the partitions of a repartition topic', () => {
    const next = manifestOfNodes(shaped({ point: { partitions: 2 } }));
    expect(new Set(refusalsOf(next))).toEqual(new Set(['PARTITIONING_CHANGED']));
  });

  it('a store moved to a sub-topology of another number of tasks', () => {
    const events = source('events');
    const views = store('views', { kind: 'window', detail: tumblingDetail(60_000) });
    const count = operator('views', [events], { kind: 'count', stores: [views] });
    const old = manifestOfNodes(shaped({ point: { partitions: 2 } }));
    const { refusals } = compareManifests(old, manifestOfNodes([events, count]));
    expect(refusals.map(({ code }) => code)).toEqual(['STORE_MOVED', 'PARTITIONING_CHANGED']);
  });

  it('every difference is listed, with its node', () => {
    const schema = { key: format('json'), value: format('json'), detail: tumblingDetail(1) };
    const next = manifestOfNodes(shaped({ schema }));
    expect(compared(next).refusals.map(({ code, node }) => [code, node])).toEqual([
      ['FORMAT_CHANGED', 'views'],
      ['FORMAT_CHANGED', 'views'],
      ['WINDOW_CHANGED', 'views'],
    ]);
  });
});

describe('known ids', () => {
  const idsOf = ({ subTopologies }: Topology) => subTopologies.map(({ id }) => id);

  it('stay when a new input has a lesser name', () => {
    const users = tableSource('aaa-users');
    const rows = table('rows', [users]);
    const events = source('events');
    const join = operator('join', [events], { lookups: [rows] });
    const topology = buildTopology(settings(), [events, users, rows, join]);
    expect(idsOf(topology)).toEqual(['aaa-users']);
    const known = withKnownIds(topology, manifestOfNodes([source('events')]));
    expect(idsOf(known)).toEqual(['events']);
    expect(known.describe()).toContain('Sub-topology: events');
    expect(Object.isFrozen(known)).toBe(true);
  });

  it('are not taken from a sub-topology that still has its own', () => {
    const a = source('a');
    const b = source('b');
    const old = manifestOfNodes([a, b, operator('both', [a, b])]);
    const topology = buildTopology(settings(), [source('a'), source('b')]);
    expect(idsOf(withKnownIds(topology, old))).toEqual(['a', 'b']);
  });

  it('change nothing where the manifest knows the same ids', () => {
    const topology = buildTopology(settings(), shaped());
    expect(idsOf(withKnownIds(topology, base))).toEqual(idsOf(topology));
  });
});
