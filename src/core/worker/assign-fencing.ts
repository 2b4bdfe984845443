import { partitionName } from '../log/partition-name.ts';
import type { Admin, TopicPartition } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { decodeCommitMetadata } from '../task/commit-metadata.ts';
import { transactionalId } from '../topology/names.ts';

const maxDeparted = 1000;

export interface FencingOptions {
  readonly admin: Admin;
  /** The application. */
  readonly group: string;
  readonly logger: Logger;
  /** Whether members commit in transactions: else those who left without a trace left nothing. */
  readonly isExactlyOnce: boolean;
}

/**
 * Ends what dead workers have left open, so that nobody has to wait for its time-out: their
 * transactions keep offsets unsettled and records unread. Dead is who committed a task last, or was
 * a member before, and is no member now; a live one is never touched. If the group has gone on
 * since and one is alive again, it merely goes back to its last commit.
 */
export class Fencing {
  /** Transactional ids of the members; null: not known, then nobody is held for dead. */
  private live: ReadonlySet<string> | null = null;
  /** Members before that are no members any more. */
  private readonly departed = new Set<string>();
  /** Since the last assignment, by transactional id and by input. */
  private fenced = new Map<string, Promise<void>>();
  private cleared = new Map<string, Promise<void>>();

  constructor(private readonly options: FencingOptions) {}

  /** Takes the members as of a new assignment, by instance id. */
  know(instances: readonly string[] | null): void {
    const { group, isExactlyOnce } = this.options;
    const live =
      instances === null ? null : new Set(instances.map((id) => transactionalId(group, id)));
    if (live !== null && isExactlyOnce) {
      for (const id of this.live ?? []) this.departed.add(id);
      for (const id of live) this.departed.delete(id);
      // The oldest are surely over: their time-outs have passed.
      for (const id of [...this.departed].slice(0, -maxDeparted)) this.departed.delete(id);
    }
    this.live = live;
    this.fenced = new Map();
    this.cleared = new Map();
  }

  /**
   * Before the inputs are taken over; asks once an assignment and input. What cannot be fenced has
   * to be waited for.
   */
  clear(inputs: readonly TopicPartition[]): Promise<void> {
    const known = inputs.map((input) => this.cleared.get(partitionName(input)));
    const fresh = inputs.filter((_, index) => known[index] === undefined);
    const asked = this.live === null || fresh.length === 0 ? null : this.fenceFor(fresh, this.live);
    for (const input of fresh) if (asked !== null) this.cleared.set(partitionName(input), asked);
    asked?.catch(() => {
      for (const input of fresh) this.cleared.delete(partitionName(input));
    });
    return Promise.all([...known, asked]).then(() => undefined);
  }

  private async fenceFor(
    inputs: readonly TopicPartition[],
    live: ReadonlySet<string>,
  ): Promise<void> {
    const { admin, group } = this.options;
    const committed = await admin.committedOffsets(group, inputs, 'last');
    const committers = committed.flatMap((own) => {
      const id = own === null ? null : decodeCommitMetadata(own.metadata)?.transactionalId;
      return id === null || id === undefined ? [] : [id];
    });
    const dead = new Set([...committers, ...this.departed].filter((id) => !live.has(id)));
    await Promise.all([...dead].map((id) => this.fence(id)));
  }

  private fence(id: string): Promise<void> {
    const fenced = this.fenced.get(id) ?? this.sendFence(id);
    this.fenced.set(id, fenced);
    return fenced;
  }

  private async sendFence(id: string): Promise<void> {
    const { admin, logger } = this.options;
    try {
      await admin.fenceProducer(id);
      this.departed.delete(id);
      logger.info(`Ended what the worker '${id}' may have left open.`, { transactionalId: id });
    } catch (error) {
      this.fenced.delete(id);
      if (!(error instanceof LogError)) throw error;
      const { message, code } = error;
      const text = `Cannot end what the dead worker '${id}' left open, so it is waited for`;
      logger.warn(`${text}: ${message}`, { transactionalId: id, code });
    }
  }
}
