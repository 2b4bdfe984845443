import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../../src/core/log/port.ts';
import { withholdMoving } from '../../../src/core/log/group/partitions.ts';
import { partitionName } from '../../../src/core/log/partition-name.ts';
import type { AssignableTask } from '../../../src/core/worker/assignable-task.ts';
import { decodeNotice } from '../../../src/core/worker/assign-notice.ts';
import { assignTasks } from '../../../src/core/worker/assignor.ts';
import { type CopyReport, encodeUserData } from '../../../src/core/worker/user-data.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { tasks } from './two-sub-topologies.ts';

const hasState = ({ changelogs }: AssignableTask) => changelogs.length > 0;
const records = 1_000_000;

/** A member as it goes from rebalance to rebalance. */
interface Model {
  readonly id: string;
  readonly directory: string | null;
  owned: readonly AssignableTask[];
  onDisk: Set<string>;
  copies: Map<string, CopyReport>;
  expected: readonly string[];
  warmUps: readonly string[];
}

interface Known {
  readonly all: readonly AssignableTask[];
  readonly standbyReplicas?: number;
  readonly bytes?: Readonly<Record<string, number>>;
}

function memberOf(model: Model, { bytes = {} }: Known): GroupMember {
  const { id, directory, owned, copies } = model;
  const onDisk = directory === null ? [] : [...model.onDisk];
  const userData = encodeUserData({
    tasksOnDisk: onDisk,
    stateHash: '',
    directory,
    expected: model.expected,
    copies: Object.fromEntries(copies),
    diskBytes: Object.fromEntries(onDisk.map((task) => [task, bytes[task] ?? 0])),
  });
  return { memberId: id, instanceId: id, owned: owned.flatMap(({ inputs }) => inputs), userData };
}

/** What the leader decides, and what may be handed out of it. */
function decide(models: readonly Model[], known: Known) {
  const { all, standbyReplicas = 0 } = known;
  const members = models.map((model) => memberOf(model, known));
  const withState = all.filter(hasState);
  const changelogSpans = new Map(withState.map(({ id }) => [id, { start: 0, end: records }]));
  const decided = assignTasks(all, members, { stateHash: '', standbyReplicas, changelogSpans });
  return { decided, given: withholdMoving(members, decided) };
}

/** One rebalance; copies that were asked for are complete by the next one. */
function rebalance(models: readonly Model[], known: Known): void {
  const { given } = decide(models, known);
  for (const model of models) {
    const { partitions = [], userData = new Uint8Array(0) } = given.get(model.id) ?? {};
    const names = new Set(partitions.map(partitionName));
    model.owned = known.all.filter(({ inputs }) =>
      inputs.every((input) => names.has(partitionName(input))),
    );
    const { standbys, warmUps, coming } = decodeNotice(userData);
    model.expected = coming;
    model.warmUps = warmUps;
    model.copies = new Map(
      [...standbys, ...warmUps].map((id) => [id, { position: records, isReady: true }]),
    );
    for (const id of model.copies.keys()) model.onDisk.add(id);
    for (const task of model.owned) if (hasState(task)) model.onDisk.add(task.id);
  }
}

const model = (id: string, directory: string | null = id): Model => ({
  id,
  directory,
  owned: [],
  onDisk: new Set(),
  copies: new Map(),
  expected: [],
  warmUps: [],
});

/** A group in any state: tasks with owners or without, members that share disks or keep nothing. */
const groups = fc
  .record({ partitions: fc.integer({ min: 1, max: 6 }), members: fc.integer({ min: 1, max: 5 }) })
  .chain(({ partitions, members }) => {
    const all = tasks(partitions);
    const length = { minLength: all.length, maxLength: all.length };
    const disk = fc.option(fc.constantFrom('x', 'y', 'own'), { freq: 8 });
    return fc.record({
      all: fc.constant(all),
      owners: fc.array(fc.option(fc.nat(members - 1), { freq: 4 }), length),
      disks: fc.array(disk, { minLength: members, maxLength: members }),
      sizes: fc.array(fc.nat(1000), length),
      standbyReplicas: fc.nat(2),
    });
  })
  .map(({ all, owners, disks, sizes, standbyReplicas }) => {
    const models = disks.map((disk, at) => model(`m${at}`, disk === 'own' ? `d${at}` : disk));
    for (const [at, own] of models.entries()) {
      own.owned = all.filter((_, index) => owners[index] === at);
      own.onDisk = new Set(own.owned.filter(hasState).map(({ id }) => id));
    }
    const bytes = Object.fromEntries(all.map(({ id }, at) => [id, (sizes[at] ?? 0) * 1_000_000]));
    const known = { all, standbyReplicas, bytes };
    const summary = models.map(({ owned, directory }) => [directory, owned.map(({ id }) => id)]);
    const text = () => JSON.stringify({ summary, bytes, standbyReplicas });
    return { models, known, [fc.toStringMethod]: text };
  });

describe('step by step', () => {
  it('every group comes to rest, with all tasks given out and nobody two above another', () => {
    const law = fc.property(groups, ({ models, known }) => {
      // Each rebalance moves two tasks a member, in two rounds; a swap at the end takes two more.
      for (let round = 0; round < 3 * known.all.length + 10; round += 1) rebalance(models, known);
      const before = models.map(({ owned }) => owned);
      rebalance(models, known);
      expect(models.map(({ owned }) => owned)).toEqual(before);
      expect(models.flatMap(({ warmUps }) => warmUps)).toEqual([]);
      expect(before.flat().length).toBe(known.all.length);
      const sizes = before.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    });
    fc.assert(law, propertyOptions(300));
  });

  it('no task with state leaves its owner for one that would have to restore it first', () => {
    const law = fc.property(groups, ({ models, known }) => {
      for (let round = 0; round < 6; round += 1) {
        const { decided } = decide(models, known);
        for (const home of models.filter(({ directory }) => directory !== null)) {
          const names = new Set((decided.get(home.id)?.partitions ?? []).map(partitionName));
          const given = known.all.filter(({ inputs }) =>
            inputs.some((i) => names.has(partitionName(i))),
          );
          for (const task of given.filter(hasState)) {
            const owner = models.find(({ owned }) => owned.includes(task));
            if (owner === undefined || owner.directory === home.directory) continue;
            expect(home.copies.get(task.id)?.isReady ?? owner === home).toBe(true);
          }
        }
        rebalance(models, known);
      }
    });
    fc.assert(law, propertyOptions(200));
  });

  it('copies are never kept on the disk of their owner, nor two on one disk', () => {
    const law = fc.property(groups, ({ models, known }) => {
      for (let round = 0; round < 4; round += 1) {
        const { decided } = decide(models, known);
        for (const task of known.all.filter(hasState)) {
          const runsOn = models.filter(({ id }) => {
            const names = new Set((decided.get(id)?.partitions ?? []).map(partitionName));
            return task.inputs.every((input) => names.has(partitionName(input)));
          });
          const told = (id: string) => decodeNotice(decided.get(id)?.userData ?? new Uint8Array(0));
          const others = models.filter((own) => !runsOn.includes(own));
          const standbys = others.filter(({ id }) => told(id).standbys.includes(task.id));
          const warmUps = others.filter(({ id }) => told(id).warmUps.includes(task.id));
          const disks = [...runsOn, ...standbys, ...warmUps].map(({ directory }) => directory);
          expect(new Set(disks).size).toBe(disks.length);
          expect([...standbys, ...warmUps].map(({ directory }) => directory)).not.toContain(null);
          expect(standbys.length).toBeLessThanOrEqual(known.standbyReplicas);
        }
        for (const { id } of models) {
          const notice = decodeNotice(decided.get(id)?.userData ?? new Uint8Array(0));
          expect(notice.warmUps.length).toBeLessThanOrEqual(2);
        }
        rebalance(models, known);
      }
    });
    fc.assert(law, propertyOptions(200));
  });
});

describe('the assignment', () => {
  it('tells every member who lives', () => {
    const { decided } = decide([model('a'), model('b')], { all: tasks(1) });
    const live = [...decided.values()].map(({ userData }) => decodeNotice(userData).live);
    expect(live).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('a task whose owner died goes to its standby at once, even above the share', () => {
    const all = tasks(4);
    const stateful = all.filter(hasState);
    const [a, b, c] = [model('a'), model('b'), model('c')];
    for (let round = 0; round < 20; round += 1) rebalance([a, b, c], { all, standbyReplicas: 1 });
    const orphans = a.owned.filter(hasState);
    expect(orphans.length).toBeGreaterThan(0);
    // All copies of the dead one's tasks happen to be on one member, which has its share already.
    const copies = orphans.map(({ id }): [string, CopyReport] => [
      id,
      { position: records, isReady: true },
    ]);
    b.copies = new Map(copies);
    b.owned = stateful.filter((task) => !orphans.includes(task));
    c.owned = [];
    c.copies = new Map();
    c.onDisk = new Set();
    const { given } = decide([b, c], { all, standbyReplicas: 1 });
    const names = new Set((given.get('b')?.partitions ?? []).map(partitionName));
    for (const { inputs } of orphans) {
      expect(inputs.every((input) => names.has(partitionName(input)))).toBe(true);
    }
  });

  it('heavy tasks are spread', () => {
    const all = tasks(4).filter(hasState);
    const gigabyte = 1024 ** 3;
    const bytes = Object.fromEntries(all.map(({ id }, at) => [id, at < 2 ? 50 * gigabyte : 1]));
    const [a, b] = [model('a'), model('b')];
    a.owned = all.slice(0, 2);
    b.owned = all.slice(2);
    for (const own of [a, b]) own.onDisk = new Set(own.owned.map(({ id }) => id));
    for (let round = 0; round < 10; round += 1) rebalance([a, b], { all, bytes });
    const weights = [a, b].map(({ owned }) =>
      owned.reduce((sum, { id }) => sum + (bytes[id] ?? 0), 0),
    );
    expect(weights).toEqual([50 * gigabyte + 1, 50 * gigabyte + 1]);
  });
});

it('a notice of the version before is understood: one byte, or none', () => {
  expect(decodeNotice(new Uint8Array(0))).toMatchObject({ isToBeContinued: false, live: null });
  expect(decodeNotice(Uint8Array.of(1))).toMatchObject({ isToBeContinued: true, live: null });
  expect(decodeNotice(Buffer.from('{"live":[1]}'))).toMatchObject({ live: null, standbys: [] });
});
