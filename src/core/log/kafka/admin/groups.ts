import type { Runtime } from '../../../runtime/runtime.ts';
import type { Connections } from '../connections/connections.ts';
import { askCoordinator, type Refusal } from '../requests/ask-coordinator.ts';
import { BrokerErrorCode } from '../requests/broker-error.ts';
import { idempotentPatience, repeat } from '../requests/repeat.ts';
import { deleteGroups } from '../wire/messages/delete-groups.ts';
import { describeGroups } from '../wire/messages/describe-groups.ts';

/** A group that nobody has joined yet has none. */
export async function groupMemberCount(
  connections: Connections,
  runtime: Runtime,
  group: string,
): Promise<number> {
  const { groups } = await repeat(runtime, idempotentPatience, () =>
    askCoordinator(
      connections,
      { type: 'group', id: group },
      {
        api: describeGroups,
        request: { groups: [group], includesOperations: false },
        refusalIn: (answer) => firstRefusal(answer.groups),
      },
    ),
  );
  return groups[0]?.members.length ?? 0;
}

export async function deleteKafkaGroup(
  connections: Connections,
  runtime: Runtime,
  group: string,
): Promise<void> {
  await repeat(runtime, idempotentPatience, () =>
    askCoordinator(
      connections,
      { type: 'group', id: group },
      {
        api: deleteGroups,
        request: { groups: [group] },
        refusalIn: (answer) => firstRefusal(answer.groups),
      },
    ),
  );
}

function firstRefusal(groups: readonly { readonly errorCode: number }[]): Refusal | null {
  const done: readonly number[] = [BrokerErrorCode.none, BrokerErrorCode.groupUnknown];
  return groups.find(({ errorCode }) => !done.includes(errorCode)) ?? null;
}
