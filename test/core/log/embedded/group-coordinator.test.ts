import { expect, it } from 'vitest';
import { GroupCoordinator } from '../../../../src/core/log/embedded/group-coordinator.ts';
import { createSimulatedRuntime } from '../../../../src/core/runtime/simulated-runtime.ts';
import { groupContract } from '../../../contracts/group.contract.ts';
import { GROUP, joinRequest } from '../../../support/group-fixture.ts';

function createGroup() {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const coordinator = new GroupCoordinator(runtime);
  return { runtime, coordinator };
}

groupContract('the embedded coordinator', () => {
  const { runtime, coordinator } = createGroup();
  return { runtime, client: coordinator, check: async (metadata) => coordinator.check(metadata) };
});

it('describes a group', async () => {
  const { runtime, coordinator } = createGroup();
  expect(coordinator.describe(GROUP).phase).toBe('empty');
  const { memberId } = await runtime.runUntil(coordinator.join(joinRequest('a')));
  expect(coordinator.describe(GROUP)).toEqual({
    phase: 'completing',
    generation: 1,
    leaderId: memberId,
    memberIds: [memberId],
  });
});

it('refuses what waits and what comes once it is closed', async () => {
  const { runtime, coordinator } = createGroup();
  await runtime.runUntil(coordinator.join(joinRequest('a')));
  const waiting = coordinator.join(joinRequest('b'));
  const refused = expect(waiting).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  await runtime.advance(0);
  coordinator.close();
  await refused;
  const later = coordinator.join(joinRequest('c'));
  await expect(later).rejects.toMatchObject({ code: 'LOG_CLOSED', errorClass: 'fatal' });
});
