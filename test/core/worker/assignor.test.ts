import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupMember, MemberAssignment } from '../../../src/core/log/port.ts';
import type { AssignableTask } from '../../../src/core/worker/assignable-task.ts';
import { isToBeContinued } from '../../../src/core/worker/assign-notice.ts';
import { assignTasks } from '../../../src/core/worker/assignor.ts';
import { encodeUserData } from '../../../src/core/worker/user-data.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { tasks } from './two-sub-topologies.ts';

function member(
  memberId: string,
  owned: readonly AssignableTask[] = [],
  onDisk: readonly AssignableTask[] = owned,
): GroupMember {
  const tasksOnDisk = onDisk.map(({ id }) => id);
  return {
    memberId,
    instanceId: memberId,
    owned: owned.flatMap(({ inputs }) => inputs),
    userData: encodeUserData({ ...noData, tasksOnDisk }),
  };
}

const noData = {
  tasksOnDisk: [],
  stateHash: '',
  directory: null,
  expected: [],
  copies: {},
  diskBytes: {},
};
/** Nobody keeps copies, and nothing is known of sizes. */
const alone = { stateHash: '', standbyReplicas: 0, changelogSpans: new Map<string, never>() };

const names = ({ partitions }: MemberAssignment) =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`);

const inputNames = (all: readonly AssignableTask[]) =>
  all.flatMap(({ inputs }) => inputs.map(({ topic, partition }) => `${topic}-${partition}`));

/** Members with what each of them owns: any tasks, but none twice. */
const groups = fc
  .record({ partitions: fc.integer({ min: 1, max: 7 }), members: fc.integer({ min: 1, max: 5 }) })
  .chain(({ partitions, members }) => {
    const all = tasks(partitions);
    const owner = fc.option(fc.nat(members - 1), { freq: 3 });
    return fc.array(owner, { minLength: all.length, maxLength: all.length }).map((owners) => ({
      all,
      group: Array.from({ length: members }, (_, index) =>
        member(
          `m${index}`,
          all.filter((_task, at) => owners[at] === index),
        ),
      ),
    }));
  });

describe('the assignor', () => {
  it('gives each task away once', () => {
    const law = fc.property(groups, ({ all, group }) => {
      const given = [...assignTasks(all, group, alone).values()].flatMap(names);
      expect(given.sort()).toEqual(inputNames(all).sort());
    });
    fc.assert(law, propertyOptions(200));
  });

  it('gives nobody two tasks more than another has', () => {
    const law = fc.property(groups, ({ all, group }) => {
      const sizes = [...assignTasks(all, group, alone).values()].map(
        ({ partitions }) => partitions.length,
      );
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    });
    fc.assert(law, propertyOptions(200));
  });

  it('takes no task from its owner but what is above the share', () => {
    const law = fc.property(groups, ({ all, group }) => {
      const maxShare = Math.ceil(all.length / group.length);
      const minShare = Math.floor(all.length / group.length);
      const given = assignTasks(all, group, alone);
      for (const { memberId, owned } of group) {
        const kept = new Set(names(given.get(memberId) ?? nothing));
        const lost = owned.filter(({ topic, partition }) => !kept.has(`${topic}-${partition}`));
        expect(lost.length).toBeLessThanOrEqual(Math.max(0, owned.length - minShare));
        if (lost.length > 0) expect(kept.size).toBeGreaterThanOrEqual(Math.min(minShare, maxShare));
      }
    });
    fc.assert(law, propertyOptions(200));
  });

  it('a settled assignment stays as it is', () => {
    const law = fc.property(groups, ({ all, group }) => {
      const first = assignTasks(all, group, alone);
      const settled = group.map((one) => {
        const { partitions } = first.get(one.memberId) ?? nothing;
        return { ...one, owned: partitions };
      });
      const second = assignTasks(all, settled, alone);
      for (const { memberId } of group) {
        const again = names(second.get(memberId) ?? nothing).sort();
        expect(again).toEqual(names(first.get(memberId) ?? nothing).sort());
      }
    });
    fc.assert(law, propertyOptions(100));
  });

  it('prefers who has the state on disk', () => {
    const all = tasks(2);
    const [first, second] = [all.slice(0, 2), all.slice(2)];
    const given = assignTasks(all, [member('a', [], second), member('b', [], first)], alone);
    expect(names(given.get('a') ?? nothing)).toEqual(inputNames(second));
    expect(names(given.get('b') ?? nothing)).toEqual(inputNames(first));
  });

  it('tells who has to give something away that the rebalance goes on', () => {
    const all = tasks(2);
    const given = assignTasks(all, [member('a', all), member('b')], alone);
    expect(isToBeContinued(given.get('a') ?? nothing)).toBe(true);
    expect(isToBeContinued(given.get('b') ?? nothing)).toBe(false);
  });

  it('a member whose state is of another make gets nothing, and gives away what it has', () => {
    const all = tasks(2);
    const userData = encodeUserData({ ...noData, stateHash: 'another' });
    const given = assignTasks(all, [{ ...member('a', all), userData }, member('b')], alone);
    expect(names(given.get('a') ?? nothing)).toEqual([]);
    expect(isToBeContinued(given.get('a') ?? nothing)).toBe(true);
    expect(names(given.get('b') ?? nothing)).toEqual(inputNames(all));
  });

  it('a member that cannot be understood has nothing on disk', () => {
    const all = tasks(1);
    const strange = { ...member('a'), userData: Buffer.from('{"tasksOnDisk":1}') };
    const given = assignTasks(all, [strange], alone);
    expect(names(given.get('a') ?? nothing)).toEqual(inputNames(all));
  });
});

const nothing: MemberAssignment = { partitions: [], userData: new Uint8Array(0) };
