import { GroupCoordinator } from '../../../../src/core/log/embedded/group-coordinator.ts';
import { createSimulatedRuntime } from '../../../../src/core/runtime/simulated-runtime.ts';
import { membershipContract } from '../../../contracts/membership.contract.ts';

membershipContract('on the embedded coordinator', () => {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const coordinator = new GroupCoordinator(runtime);
  return { runtime, client: coordinator, check: async (metadata) => coordinator.check(metadata) };
});
