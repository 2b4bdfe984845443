import { logClosed } from '../../log-errors.ts';
import type { Connections } from './connections.ts';
import { lendConnections, type LentConnections } from './lend-connections.ts';

export type ConnectionRole = 'admin' | 'reader' | 'writer' | 'member';

/** Readers come and go with the tasks that are restored; connecting costs more than most read. */
const maxIdleReaders = 4;

/** All connections of a log. Each role that is opened has a set to itself while it is open. */
export class ConnectionStock {
  private readonly inUse = new Set<LentConnections>();
  private readonly idleReaders: LentConnections[] = [];
  private isClosed = false;

  constructor(private readonly open: (role: ConnectionRole) => LentConnections) {}

  /** @throws {LogError} `LOG_CLOSED`. */
  take(role: ConnectionRole): Connections {
    if (this.isClosed) throw logClosed();
    const base = (role === 'reader' ? this.idleReaders.pop() : undefined) ?? this.open(role);
    this.inUse.add(base);
    return lendConnections(base, () => this.giveBack(role, base));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const all = [...this.inUse, ...this.idleReaders.splice(0)];
    await Promise.all(all.map((connections) => connections.close()));
  }

  private async giveBack(role: ConnectionRole, base: LentConnections): Promise<void> {
    this.inUse.delete(base);
    // A writer's are never used again: the broker may still be at work on something of theirs.
    const isKept = role === 'reader' && !this.isClosed && this.idleReaders.length < maxIdleReaders;
    if (!isKept || base.breakBusy === undefined) return base.close();
    base.breakBusy();
    this.idleReaders.push(base);
  }
}
