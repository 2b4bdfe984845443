import { GroupCoordinator } from '../../../../../src/core/log/embedded/group-coordinator.ts';
import { kafkaGroupClient } from '../../../../../src/core/log/kafka/group/kafka-group-client.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import { groupContract } from '../../../../contracts/group.contract.ts';
import { membershipContract } from '../../../../contracts/membership.contract.ts';
import type { GroupUnderTest } from '../../../../support/group-fixture.ts';
import { clientPerInstance } from '../../../../support/client-per-instance.ts';
import { scriptedCoordinator } from './scripted-coordinator.ts';

function createGroup(): GroupUnderTest {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const coordinator = new GroupCoordinator(runtime);
  const connections = scriptedCoordinator(coordinator);
  const client = clientPerInstance(() => kafkaGroupClient(connections, runtime));
  return { runtime, client, check: async (metadata) => coordinator.check(metadata) };
}

groupContract('by the requests of Kafka', createGroup);
membershipContract('by the requests of Kafka', createGroup);
