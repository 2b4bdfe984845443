import { ownStores, type Shape } from './pairs.ts';

/** How a start with the topology of after ends. */
export interface EvolutionPair {
  readonly after: Shape;
  readonly before?: Shape;
  /** Partitions of `events` that the new topology finds. */
  readonly partitions?: number;
  /** The code it is refused with; null: it starts. */
  readonly refused: string | null;
  /** What the log then says. */
  readonly tells?: RegExp;
  /** What the author may say to start all the same. */
  readonly accept?: string;
  /** The count of 'a' after one record before and one after. */
  readonly count?: number;
}

/** A row of the table in `docs/UPGRADING.md`, with topologies that show it. */
export interface EvolutionRow {
  readonly change: string;
  readonly atStart: string;
  readonly pairs: readonly EvolutionPair[];
}

function otherSpans(
  before: NonNullable<Shape['spans']>,
  after: NonNullable<Shape['spans']>,
): EvolutionPair {
  return { before: { spans: before }, after: { spans: after }, refused: 'WINDOW_CHANGED' };
}

export const evolutionRows: readonly EvolutionRow[] = [
  {
    change: 'stateless nodes added, removed, renamed or moved; the code of a callback',
    atStart: 'not noticed; what old rows mean is for the author to know',
    pairs: [{ after: { stateless: 'other' }, refused: null, count: 2 }],
  },
  {
    change: 'a store, windowed operator, sink or source added',
    atStart: 'compatible; it starts empty at the committed position',
    pairs: [
      { after: { extra: 'store' }, refused: null, tells: /store 'more' is new/, count: 2 },
      { after: { extra: 'windows' }, refused: null, tells: /store 'hours' is new/, count: 2 },
      { after: { extra: 'sink' }, refused: null, count: 2 },
      {
        after: { extra: 'source' },
        refused: null,
        tells: /source topic 'a-source' is new/,
        count: 2,
      },
    ],
  },
  {
    change: 'a store or internal topic removed',
    atStart: 'compatible; an orphan until `millrace topics --orphans --delete`',
    pairs: [{ after: { withoutCount: true }, refused: null, tells: /app-counts-changelog/ }],
  },
  {
    change: 'a store or repartition point renamed',
    atStart: '`STORE_MISSING`, unless `renamedFrom` says so: then it is taken over first',
    pairs: [
      {
        after: { count: 'totals' },
        refused: 'STORE_MISSING',
        accept: 'STORE_MISSING:counts',
        count: 1,
      },
      { after: { count: 'totals', countRenamedFrom: 'counts' }, refused: null, count: 2 },
      {
        after: { point: 'by-word' },
        refused: 'STORE_MISSING',
        accept: 'STORE_MISSING:by-value',
        count: 2,
      },
      { after: { point: 'by-word', pointRenamedFrom: 'by-value' }, refused: null, count: 2 },
    ],
  },
  {
    change: 'a sink of `toSink` renamed',
    atStart: '`STORE_MISSING`: it is another sink; what waits for the old one is not delivered',
    pairs: [
      {
        before: { toSink: 'rows' },
        after: { toSink: 'lines' },
        refused: 'STORE_MISSING',
        tells: /the sink 'rows' is gone and 'lines' is new: .* its old name/,
        accept: 'STORE_MISSING:rows-outbox',
        count: 2,
      },
    ],
  },
  {
    change: 'a sink of `toSink` removed',
    atStart: 'compatible; what waits for it is not delivered, its outbox is an orphan',
    pairs: [
      { before: { toSink: 'rows' }, after: {}, refused: null, tells: /app-rows-outbox/, count: 2 },
    ],
  },
  {
    change: 'a store moved to another sub-topology',
    atStart: '`STORE_MOVED`: reset the store, or name it otherwise',
    pairs: [{ after: { isMoved: true }, refused: 'STORE_MOVED' }],
  },
  {
    change: 'the version of a value format raised, with `upgrade` in the serde',
    atStart: 'compatible; rows are upgraded when they are read',
    pairs: [
      {
        after: { own: ownStores.upgraded },
        refused: null,
        tells: /now written as string@2/,
        count: 2,
      },
    ],
  },
  {
    change: 'a key format, the kind of a store, a value format otherwise',
    atStart: '`FORMAT_CHANGED`',
    pairs: [
      {
        after: { own: ownStores.otherKey },
        refused: 'FORMAT_CHANGED',
        accept: 'FORMAT_CHANGED:own',
        count: 2,
      },
      {
        after: { own: ownStores.otherValue },
        refused: 'FORMAT_CHANGED',
        accept: 'FORMAT_CHANGED:own',
        count: 2,
      },
      {
        after: { own: ownStores.raised },
        refused: 'FORMAT_CHANGED',
        accept: 'FORMAT_CHANGED:own',
        count: 2,
      },
      {
        before: { own: ownStores.upgraded },
        after: {},
        refused: 'FORMAT_CHANGED',
        accept: 'FORMAT_CHANGED:own',
      },
    ],
  },
  {
    change: 'kind, size, advance, gap, difference, unit, zone or first day of windows',
    atStart: '`WINDOW_CHANGED`: name the operator otherwise, or reset its store',
    pairs: [
      { after: { windows: 'two seconds' }, refused: 'WINDOW_CHANGED' },
      { after: { windows: 'hopping' }, refused: 'WINDOW_CHANGED' },
      otherSpans('sessions of 1s', 'sessions of 2s'),
      otherSpans('sliding by 1s', 'sliding by 2s'),
      otherSpans('days', 'months'),
      otherSpans('days', 'days of Berlin'),
      otherSpans('weeks', 'weeks from Sunday'),
      otherSpans('all from 0', 'all from 1'),
      otherSpans('days', 'all from 0'),
    ],
  },
  {
    change: 'grace, retention',
    atStart:
      'compatible; smaller: what is due fires at the next advance; larger: what is closed stays so',
    pairs: [
      { after: { windows: 'second with grace' }, refused: null, count: 2 },
      { after: { retention: true }, refused: null, count: 2 },
      {
        before: { spans: 'sessions of 1s' },
        after: { spans: 'sessions with grace' },
        refused: null,
        count: 2,
      },
    ],
  },
  {
    change: 'the emission policy',
    atStart: 'compatible; a row already emitted may be emitted again as final',
    pairs: [{ after: { emit: 'commit' }, refused: null, count: 2 }],
  },
  {
    change: 'the partition count of a source or internal topic; the name of a partitioner',
    atStart: '`PARTITIONING_CHANGED`',
    pairs: [
      { after: {}, partitions: 3, refused: 'PARTITIONING_CHANGED' },
      {
        after: { partitioner: 'other' },
        refused: 'PARTITIONING_CHANGED',
        accept: 'PARTITIONING_CHANGED:spread',
        count: 2,
      },
    ],
  },
  {
    change: 'whose changelog a store has: its own topic, or its source',
    atStart: '`CHANGELOG_MOVED`',
    pairs: [{ after: { own: ownStores.fromSource }, refused: 'CHANGELOG_MOVED' }],
  },
];

/** Shown by a manifest written by hand: there is no newer engine to write it. */
export const newerEngine = {
  change: 'an engine older than the format of the state',
  atStart: '`FORMAT_NEWER`; nothing is touched',
} as const;
