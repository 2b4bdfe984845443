import type { GroupClient, MemberRequest } from '../../src/core/log/group/protocol.ts';

/** One client for many members; below it each instance has its own. */
export function clientPerInstance(create: () => GroupClient): GroupClient {
  const clients = new Map<string, GroupClient>();
  const clientOf = ({ instanceId }: MemberRequest): GroupClient => {
    const client = clients.get(instanceId) ?? create();
    clients.set(instanceId, client);
    return client;
  };
  return {
    join: (request) => clientOf(request).join(request),
    sync: (request) => clientOf(request).sync(request),
    heartbeat: (request) => clientOf(request).heartbeat(request),
    leave: (request) => clientOf(request).leave(request),
  };
}
