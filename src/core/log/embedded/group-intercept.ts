import type { Intercept } from './fault-intercept.ts';
import type { GroupClient } from '../group/protocol.ts';

/** The requests of a group, each through the interceptor. */
export function interceptGroup(client: GroupClient, intercept: Intercept): GroupClient {
  return {
    join: (request) => intercept({ api: 'join-group' }, () => client.join(request)),
    sync: (request) => intercept({ api: 'sync-group' }, () => client.sync(request)),
    heartbeat: (request) => intercept({ api: 'heartbeat' }, () => client.heartbeat(request)),
    leave: (request) => intercept({ api: 'leave-group' }, () => client.leave(request)),
  };
}
