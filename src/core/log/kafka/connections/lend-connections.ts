import { logClosed } from '../../log-errors.ts';
import type { Connections } from './connections.ts';

/** Connections that, if they can break off what is under way, are of use to a next owner. */
export interface LentConnections extends Connections {
  breakBusy?(): void;
}

/**
 * Connections for one owner at a time. `close` gives them back; from then on the owner has nothing
 * of them, and nothing of what it had asked reaches it or the next owner.
 */
export function lendConnections(base: Connections, giveBack: () => Promise<void>): Connections {
  let isBack = false;

  async function use<T>(ask: () => Promise<T>): Promise<T> {
    if (isBack) throw logClosed();
    try {
      return await ask();
    } catch (error) {
      throw isBack ? logClosed() : error;
    }
  }

  return {
    call: (nodeId, api, request, options) => use(() => base.call(nodeId, api, request, options)),
    anyNode: () => use(() => base.anyNode()),
    controller: () => use(() => base.controller()),
    metadata: (topics) => use(() => base.metadata(topics)),
    leadersOf: (partitions) => use(() => base.leadersOf(partitions)),
    forgetLeaders: (topics) => base.forgetLeaders(topics),
    coordinatorOf: (type, id) => use(() => base.coordinatorOf(type, id)),
    forgetCoordinator: (type, id) => base.forgetCoordinator(type, id),
    reset: (nodeId) => {
      if (!isBack) base.reset(nodeId);
    },
    async close() {
      if (isBack) return;
      isBack = true;
      await giveBack();
    },
  };
}
