import {
  calendar,
  defineSink,
  int64,
  type KeyValueStore,
  keyValueStore,
  onCommit,
  onUpdate,
  session,
  sliding,
  type StoreDefinition,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
  hopping,
  unlimited,
  versioned,
} from '../../src/index.ts';

const text = { key: string(), value: string() };

/** What the topologies of a pair differ in; left out is as in the version before. */
export interface Shape {
  readonly stateless?: 'one' | 'other';
  readonly count?: string;
  readonly countRenamedFrom?: string;
  readonly withoutCount?: boolean;
  readonly emit?: 'update' | 'commit';
  readonly windows?: 'second' | 'two seconds' | 'hopping' | 'second with grace';
  readonly retention?: boolean;
  /** A second count in windows. */
  readonly spans?: keyof typeof spansOf;
  readonly extra?: 'store' | 'windows' | 'sink' | 'source';
  /** The name of a sink of another system. */
  readonly toSink?: string;
  readonly point?: string;
  readonly pointRenamedFrom?: string;
  readonly partitioner?: string;
  readonly isMoved?: boolean;
  /** Of the store of a `process` node. */
  readonly own?: StoreDefinition<KeyValueStore<string, unknown>>;
}

function sinkOf(name: string) {
  return defineSink({
    kind: 'nowhere',
    name,
    row: string(),
    connect: () => ({
      open: () => Promise.resolve(null),
      apply: () => Promise.resolve('applied'),
      close: () => Promise.resolve(),
    }),
  });
}

const lengths = versioned(string(), { version: 2, upgrade: (bytes) => `${bytes.length} bytes` });

export const ownStores = {
  plain: keyValueStore<string, unknown>({ name: 'own', key: string(), value: string() }),
  otherKey: keyValueStore<string, unknown>({
    name: 'own',
    key: { ...string(), format: 'another' },
    value: string(),
  }),
  otherValue: keyValueStore<string, unknown>({
    name: 'own',
    key: string(),
    value: { ...string(), format: 'another' },
  }),
  raised: keyValueStore<string, unknown>({
    name: 'own',
    key: string(),
    value: { ...string(), version: 2 },
  }),
  upgraded: keyValueStore<string, unknown>({ name: 'own', key: string(), value: lengths }),
  fromSource: keyValueStore<string, unknown>({
    name: 'own',
    key: string(),
    value: string(),
    detail: { changelog: 'source' },
  }),
} satisfies Record<string, StoreDefinition<KeyValueStore<string, unknown>>>;

const windowsOf = {
  second: tumbling('1s', { grace: 0 }),
  'two seconds': tumbling('2s', { grace: 0 }),
  hopping: hopping('1s', { every: '500ms', grace: 0 }),
  'second with grace': tumbling('1s', { grace: '5s' }),
};

const spansOf = {
  'sessions of 1s': session('1s', { grace: 0 }),
  'sessions of 2s': session('2s', { grace: 0 }),
  'sessions with grace': session('1s', { grace: '5s' }),
  'sliding by 1s': sliding('1s', { grace: 0 }),
  'sliding by 2s': sliding('2s', { grace: 0 }),
  days: calendar('day', { zone: 'UTC', grace: 0 }),
  months: calendar('month', { zone: 'UTC', grace: 0 }),
  'days of Berlin': calendar('day', { zone: 'Europe/Berlin', grace: 0 }),
  weeks: calendar('week', { zone: 'UTC', grace: 0 }),
  'weeks from Sunday': calendar('week', { zone: 'UTC', weekStart: 'sunday', grace: 0 }),
  'all from 0': unlimited({ from: 0 }),
  'all from 1': unlimited({ from: 1 }),
};

/** An application with one of each, changed by a shape. */
export function shaped(shape: Shape): Topology {
  const builder = new TopologyBuilder('app');
  const events = builder.stream('events', text);
  const grouped = events.groupBy((value) => value, {
    name: shape.point ?? 'by-value',
    key: string(),
    ...(shape.pointRenamedFrom === undefined ? {} : { renamedFrom: shape.pointRenamedFrom }),
  });
  const kept =
    shape.stateless === 'other' ? events.filter(() => true).peek(() => undefined) : events;
  kept.to('copies');
  if (shape.withoutCount !== true) {
    const from = shape.isMoved === true ? events.groupByKey() : grouped;
    from
      .count({
        name: shape.count ?? 'counts',
        emit: shape.emit === 'commit' ? onCommit() : onUpdate(),
        ...(shape.countRenamedFrom === undefined ? {} : { renamedFrom: shape.countRenamedFrom }),
      })
      .toStream()
      .to('counts-out');
  }
  grouped
    .windowedBy(windowsOf[shape.windows ?? 'second'])
    .count({ name: 'windows', ...(shape.retention === true ? { retention: '1h' } : {}) });
  if (shape.spans !== undefined) {
    const spans = spansOf[shape.spans];
    if (spans.kind === 'session') grouped.windowedBy(spans).count({ name: 'spans' });
    else if (spans.kind === 'sliding') grouped.windowedBy(spans).count({ name: 'spans' });
    else grouped.windowedBy(spans).count({ name: 'spans' });
  }
  const { partitioner = 'one' } = shape;
  const placed = { name: partitioner, partition: () => 0 };
  events.repartition({ name: 'spread', partitioner: placed }).to('spread-out');
  const own = shape.own ?? ownStores.plain;
  events
    .process(
      {
        name: 'own',
        stores: [own],
        create(context) {
          const rows = context.store(own);
          return {
            process(record) {
              if (record.key === null) return;
              const row = rows.get(record.key);
              const value = row === undefined ? 'none' : String(row.value);
              context.forward({ ...record, key: record.key, value });
              if (row === undefined) rows.put(record.key, { value: 'first', timestamp: 0 });
            },
          };
        },
      },
      text,
    )
    .to('own-out');
  if (shape.extra === 'store') events.groupByKey().count({ name: 'more' });
  if (shape.extra === 'windows') {
    events
      .groupByKey()
      .windowedBy(tumbling('1h', { grace: 0 }))
      .count({ name: 'hours' });
  }
  if (shape.extra === 'sink') events.to('more-copies');
  if (shape.toSink !== undefined) events.toSink(sinkOf(shape.toSink));
  if (shape.extra === 'source') builder.stream('a-source', text).to('copies');
  return builder.build();
}

export const counts = { key: string(), value: int64() };
export const texts = text;
