import { describe, expect, it } from 'vitest';
import type { PartitionEnds } from '../../../src/core/log/port.ts';
import type { RecordBatch } from '../../../src/core/log/record-batch/record-batch.ts';
import { encodeProgress, type ProgressRow } from '../../../src/core/task/progress-row.ts';
import { Restoration } from '../../../src/core/task/restoration.ts';
import type {
  RestoredChange,
  StatePosition,
  LocalState,
} from '../../../src/core/task/state-port.ts';
import { thrownBy } from '../../support/thrown.ts';
import { batchAt, fetchedOf, memoryState, now } from './task-fixture.ts';

const hourMs = 3_600_000;
const changelogs = [
  { store: 's', topic: 'app-s-changelog', partition: 0 },
  { store: 't', topic: 'app-t-changelog', partition: 0 },
];

interface Local {
  readonly commitNumber?: number;
  readonly s?: number;
  readonly t?: number;
  readonly committedAtMs?: number;
}

/** The state of a task as the restoration sees it; writes down what is done to it. */
function stateAt(local: Local | null) {
  const base: LocalState = memoryState();
  const done: string[] = [];
  const positions: StatePosition[] = [];
  const position: StatePosition | null =
    local === null
      ? null
      : {
          commitNumber: local.commitNumber ?? 5,
          changelogs: new Map(
            Object.entries({ s: local.s, t: local.t }).filter(
              (entry): entry is [string, number] => entry[1] !== undefined,
            ),
          ),
          committedAtMs: local.committedAtMs ?? 0,
        };
  const state: LocalState = Object.create(base, {
    position: { value: position },
    clear: { value: () => done.push('clear') },
    restore: {
      value: (store: string, changes: readonly RestoredChange[], to: StatePosition) => {
        positions.push(to);
        for (const [key, value] of changes) done.push(`${store}:${String(key)}=${String(value)}`);
      },
    },
  }) as LocalState; // the memory state, with other answers
  return { state, done, positions };
}

function rowOf(s: number, t: number, commitNumber = 5): ProgressRow {
  const clock = { domains: {}, partitions: {}, closed: {} };
  return { commitNumber, offsets: { in: 1 }, changelogs: { s, t }, clock, timerArrivals: 0 };
}

const endsAt = (logEndOffset: number, logStartOffset = 0): PartitionEnds => ({
  logStartOffset,
  lastStableOffset: logEndOffset,
  logEndOffset,
});

function plan(
  local: Local | null,
  row: ProgressRow | null,
  ends: readonly PartitionEnds[],
  options: { nowMs?: number; offset?: number | null } = {},
) {
  const held = stateAt(local);
  const restoration = new Restoration('in-0', held.state, changelogs);
  const known = {
    progressRow: row === null ? null : Buffer.from(encodeProgress(row)),
    committedOffsets: [options.offset ?? null],
    inputEnds: [],
    changelogEnds: ends,
  };
  const sources = now(restoration.plan(known, options.nowMs ?? hourMs));
  const read = sources.map(
    ({ topic, fromOffset, toOffset }) => `${topic[4]}:${fromOffset}-${toOffset}`,
  );
  return { ...held, restoration, read };
}

it('a local copy reads the tail it misses, and nothing else', () => {
  const { read, done } = plan({ s: 10, t: 20 }, rowOf(15, 20), [endsAt(16), endsAt(20)]);
  expect([read, done]).toEqual([['s:10-16'], []]);
});

it('without a local copy everything is read', () => {
  const { read, done } = plan(null, rowOf(15, 20), [endsAt(15, 3), endsAt(20)]);
  expect([read, done]).toEqual([['s:3-15', 't:0-20'], ['clear']]);
});

it('a changelog that ends before what was committed to it is refused, not read as empty', () => {
  const lost = /deleted, made anew or cut/;
  expect(() => plan(null, rowOf(15, 20), [endsAt(0), endsAt(20)])).toThrow(lost);
  expect(() => plan({ s: 15, t: 20 }, rowOf(15, 20), [endsAt(15), endsAt(19)])).toThrow(lost);
});

it('a copy follows an owner whose row is newer than the ends that it was told', () => {
  const { state } = stateAt({ s: 10, t: 20 });
  const row = Buffer.from(encodeProgress(rowOf(15, 20)));
  const known = { progressRow: row, committedOffsets: [], inputEnds: [] };
  const changelogEnds = [endsAt(12), endsAt(20)];
  const restoration = new Restoration('in-0', state, changelogs);
  const [source] = now(restoration.planCopy({ ...known, changelogEnds }, hourMs));
  expect(source).toMatchObject({ fromOffset: 10, toOffset: 12 });
});

it('a new store begins where its changelog does', () => {
  const { read } = plan({ s: 15 }, rowOf(15, 0), [endsAt(15), endsAt(4, 2)]);
  expect(read).toEqual(['t:2-4']);
});

it.each<[string, Local, ProgressRow | null, readonly PartitionEnds[]]>([
  ['of a later commit', { commitNumber: 6, s: 10, t: 20 }, rowOf(10, 20), [endsAt(10), endsAt(20)]],
  ['without a row', { s: 10, t: 20 }, null, [endsAt(10), endsAt(20)]],
  ['ahead of its log', { s: 11, t: 20 }, rowOf(10, 20), [endsAt(10), endsAt(20)]],
  ['behind the start of its log', { s: 2, t: 20 }, rowOf(10, 20), [endsAt(10, 5), endsAt(20)]],
])('a local copy %s is rebuilt', (_label, local, row, ends) => {
  const { read, done } = plan(local, row, ends);
  expect(done).toEqual(['clear']);
  expect(read[0]).toBe(`s:${ends[0]?.logStartOffset}-10`);
});

it('an old copy is rebuilt if it is behind, since tombstones may be gone', () => {
  const ends = [endsAt(12), endsAt(20)];
  const late = { nowMs: 13 * hourMs };
  expect(plan({ s: 10, t: 20 }, rowOf(12, 20), ends, late).done).toEqual(['clear']);
  expect(plan({ s: 12, t: 20 }, rowOf(12, 20), ends, late).done).toEqual([]);
});

it('a copy that lacks nothing is not read from before the start of its log', () => {
  const { read, done } = plan({ s: 10, t: 20 }, rowOf(10, 20), [endsAt(14, 12), endsAt(20)]);
  expect([read, done]).toEqual([['s:12-14'], []]);
});

it('what lies beyond the row is not applied, but written again by the next commit', () => {
  const { restoration, done, positions } = plan(null, rowOf(2, 0), [endsAt(5), endsAt(0)]);
  const records = ['a', 'b', 'c', 'a'].map((key, n) => ({ key, value: String(n) }));
  now(restoration.apply(fetchedOf('app-s-changelog', [batchAt(0, records)], 5)));
  expect(done).toEqual(['clear', 's:a=0', 's:b=1']);
  expect([...(restoration.beyond.get('s')?.keys() ?? [])]).toEqual(['c', 'a']);
  // A crash before that commit must find them beyond the local copy again.
  expect(positions.at(-1)?.changelogs.get('s')).toBe(2);
  expect(restoration.changelogPositions.get('s')).toBe(5);
});

it('deletes are restored, and what lies before the position is not applied again', () => {
  const { restoration, done } = plan({ s: 1, t: 0 }, rowOf(3, 0), [endsAt(3), endsAt(0)]);
  const records = [{ key: 'a', value: '0' }, { key: 'b', value: '1' }, { key: 'c' }];
  now(restoration.apply(fetchedOf('app-s-changelog', [batchAt(0, records)])));
  expect(done).toEqual(['s:b=1', 's:c=null']);
});

it('state without a progress row is refused, unless nothing was ever committed', () => {
  const ends = [endsAt(5), endsAt(0)];
  const error = thrownBy(() => plan(null, null, ends, { offset: 7 }));
  expect([error.code, error.where.task]).toEqual(['OFFSETS_LOST', 'in-0']);
  expect(plan(null, null, ends, { offset: null }).read).toEqual(['s:0-5']);
  expect(plan(null, null, [endsAt(0), endsAt(0)], { offset: 7 }).read).toEqual([]);
});

it('a store may be called as a member of every object is', () => {
  const held = stateAt(null);
  const odd = [{ store: 'constructor', topic: 'app-constructor-changelog', partition: 0 }];
  const restoration = new Restoration('in-0', held.state, odd);
  const row = Buffer.from(encodeProgress(rowOf(0, 0)));
  now(
    restoration.plan(
      { progressRow: row, committedOffsets: [1], inputEnds: [], changelogEnds: [endsAt(1)] },
      0,
    ),
  );
  const batch = batchAt(0, [{ key: 'a', value: '0' }]);
  now(restoration.apply(fetchedOf('app-constructor-changelog', [batch])));
  expect([...restoration.beyond.keys()]).toEqual(['constructor']);
  expect(held.positions.at(-1)?.changelogs.get('constructor')).toBe(0);
});

describe('an input that is a changelog', () => {
  const own = [{ store: 's', topic: 'in', partition: 0, input: 0 }];
  const rows = {
    read: (batch: RecordBatch, index: number): RestoredChange | null => {
      const key = batch.key(index);
      return key === null ? null : [key, Buffer.from('row')];
    },
  };

  function planned(
    { offsets, committed = null }: { offsets: number | null; committed?: number | null },
    ends: PartitionEnds,
    local: Local | null = null,
  ) {
    const held = stateAt(local);
    const restoration = new Restoration('in-0', held.state, own, new Map([['s', rows]]));
    const row = offsets === null ? null : { ...rowOf(0, 0), offsets: { in: offsets } };
    const known = {
      progressRow: row === null ? null : Buffer.from(encodeProgress(row)),
      committedOffsets: [committed],
      inputEnds: [ends],
      changelogEnds: [ends],
    };
    const sources = now(restoration.plan(known, hourMs));
    const read = sources.map(({ fromOffset, toOffset }) => `${fromOffset}-${toOffset}`);
    return { ...held, restoration, read };
  }

  it('is read up to what was taken of it, and what lies beyond is left alone', () => {
    const { read, restoration, done, positions } = planned({ offsets: 2 }, endsAt(5));
    const records = ['a', 'b', 'c'].map((key) => ({ key, value: key }));
    now(restoration.apply(fetchedOf('in', [batchAt(0, records)], 5)));
    expect([read, done]).toEqual([['0-2'], ['clear', 's:a=row', 's:b=row']]);
    expect(restoration.beyond.size).toBe(0);
    expect(positions.at(-1)?.changelogs.get('s')).toBe(2);
  });

  it('is read up to the committed offset where there is no progress row', () => {
    expect(planned({ offsets: null, committed: 3 }, endsAt(5)).read).toEqual(['0-3']);
    expect(planned({ offsets: null }, endsAt(5)).read).toEqual([]);
  });

  it('is read from where the local copy is', () => {
    expect(planned({ offsets: 4 }, endsAt(5), { s: 3 }).read).toEqual(['3-4']);
    expect(planned({ offsets: 4 }, endsAt(5), { s: 4 }).read).toEqual([]);
  });

  it('is lost where it ends before what was taken of it', () => {
    const error = thrownBy(() => planned({ offsets: 9 }, endsAt(5)));
    expect([error.code, error.where.topic]).toEqual(['CHANGELOG_LOST', 'in']);
  });
});
