import { LogError } from '../../model/errors.ts';
import type { Runtime, ScheduledCall, Scheduler } from '../../runtime/runtime.ts';
import type { GroupMetadata, GroupOptions, Membership, TopicPartition } from '../port.ts';
import { createDeferred } from './deferred.ts';
import { isThrownOut } from './errors.ts';
import { without, withholdMoving } from './partitions.ts';
import type { GroupClient, JoinAnswer, SyncAnswer } from './protocol.ts';
import { GroupSession } from './session.ts';

const rejoinBackoffMs = 50;

/** What the member has to do next; being thrown out outweighs a rebalance. */
type Wish = 'none' | 'join' | 'join-anew';

/**
 * Joins a group; resolves once the first assignment has been handed to the listener. From then on
 * heartbeats and rebalances go on by themselves. The listener's calls never overlap; heartbeats do
 * not wait for them. A call that rejects ends the membership, unless it says that the member was
 * thrown out (`UNKNOWN_MEMBER`, `STALE_GENERATION`).
 *
 * @throws {LogError} what kept the member from its first assignment.
 */
export async function joinGroup(
  client: GroupClient,
  runtime: Runtime,
  options: GroupOptions,
): Promise<Membership> {
  const { scheduler } = runtime;
  const session = new GroupSession(client, runtime, options);
  const membership = new GroupMembership(session, scheduler, options);
  await membership.start();
  return membership;
}

class GroupMembership implements Membership {
  private owned: readonly TopicPartition[] = [];
  private wish: Wish = 'join';
  private isOver = false;
  /** The listener has to be told when the member is thrown out. */
  private hasAssignment = false;
  private hasStarted = false;
  private readonly firstAssignment = createDeferred<void>();
  private wakeUp: () => void = () => undefined;
  private nextHeartbeat: ScheduledCall | null = null;
  private leaving: Promise<void> | null = null;

  constructor(
    private readonly session: GroupSession,
    private readonly scheduler: Scheduler,
    private readonly options: GroupOptions,
  ) {}

  get metadata(): GroupMetadata {
    return this.session.metadata;
  }

  get leaseEndsMs(): number {
    return this.session.leaseEndsMs;
  }

  start(): Promise<void> {
    this.scheduleHeartbeat();
    void this.run();
    return this.firstAssignment.promise;
  }

  rejoin(): void {
    this.ask('join');
  }

  leave(): Promise<void> {
    this.end();
    this.leaving ??= this.session.leave();
    return this.leaving;
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      try {
        await this.step();
      } catch (error) {
        if (isThrownOut(error)) this.ask('join-anew');
        else this.fail(error);
      }
    }
  }

  private async step(): Promise<void> {
    if (this.wish === 'none') await new Promise<void>((resolve) => (this.wakeUp = resolve));
    if (this.isOver) return;
    if (this.isThrownOut()) await this.lose();
    if (!this.isOver) await this.rebalance();
  }

  private async lose(): Promise<void> {
    this.session.isMember = false;
    this.owned = [];
    if (this.hasAssignment) {
      this.hasAssignment = false;
      await this.options.listener.onLost();
    }
    // A group that refuses every join must not be asked without a pause.
    await this.scheduler.sleep(rejoinBackoffMs);
  }

  private async rebalance(): Promise<void> {
    // Reset before the user data are read: who asks for a rejoin after that gets one.
    this.wish = 'none';
    const joined = await this.session.join(this.options.listener.userData(), this.owned);
    if (this.isOver) return;
    const answer = await this.session.sync(await this.assign(joined));
    if (this.isOver || this.isThrownOut()) return;
    if (answer.kind === 'rebalance') this.ask('join');
    else await this.take(answer, joined.generation);
  }

  private async assign({ members }: JoinAnswer) {
    return members === null ? null : withholdMoving(members, await this.options.assignor(members));
  }

  private async take(
    { assignment }: SyncAnswer & { kind: 'assigned' },
    generation: number,
  ): Promise<void> {
    const { listener } = this.options;
    const revoked = without(this.owned, assignment.partitions);
    if (revoked.length > 0) {
      await listener.onRevoked(revoked);
      // Others wait for the partitions until this member has joined without them.
      this.ask('join');
      if (this.isOver || this.isThrownOut()) return;
    }
    this.owned = assignment.partitions;
    this.hasAssignment = true;
    await listener.onAssigned(assignment, generation);
    this.hasStarted = true;
    this.firstAssignment.resolve();
  }

  private scheduleHeartbeat(): void {
    const beat = (): void => void this.heartbeat();
    this.nextHeartbeat = this.scheduler.after(this.options.heartbeatIntervalMs, beat);
  }

  /** One at a time. Its answer counts only if no join came between. */
  private async heartbeat(): Promise<void> {
    const { session } = this;
    const { metadata } = session;
    const isOutdated = (): boolean => session.isJoining || session.metadata !== metadata;
    try {
      const answer = session.isMember ? await session.heartbeat() : 'stable';
      if (answer === 'rebalance' && !isOutdated()) this.ask('join');
    } catch (error) {
      if (!isOutdated()) this.judge(error);
    }
    if (!this.isOver) this.scheduleHeartbeat();
  }

  private judge(error: unknown): void {
    if (isThrownOut(error)) this.ask('join-anew');
    else if (!(error instanceof LogError) || error.errorClass === 'fatal') this.fail(error);
  }

  private isThrownOut(): boolean {
    return this.wish === 'join-anew';
  }

  private ask(wish: 'join' | 'join-anew'): void {
    if (!this.isThrownOut()) this.wish = wish;
    this.wakeUp();
  }

  private fail(error: unknown): void {
    if (this.isOver) return;
    this.end();
    if (this.hasStarted) return this.options.listener.onFailed(error);
    // Nobody has the membership yet, so nobody else can leave.
    const refuse = (): void => this.firstAssignment.reject(error);
    this.session.leave().then(refuse, refuse);
  }

  private end(): void {
    this.isOver = true;
    this.nextHeartbeat?.cancel();
    this.wakeUp();
  }
}
