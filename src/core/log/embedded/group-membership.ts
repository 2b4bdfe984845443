import { LogError } from '../../model/errors.ts';
import type { Runtime, ScheduledCall } from '../../runtime/runtime.ts';
import type { GroupMetadata, GroupOptions, Membership, TopicPartition } from '../port.ts';
import type { Deferred } from './group-deferred.ts';
import { createDeferred } from './group-deferred.ts';
import { isThrownOut } from './group-errors.ts';
import { without, withholdMoving } from './group-partitions.ts';
import type { GroupClient, JoinAnswer, SyncAnswer } from './group-protocol.ts';
import { repeatRequest } from './group-request.ts';

const REJOIN_BACKOFF_MS = 50;

/** What the member has to do next; the later one in this list outweighs the earlier. */
type Wish = 'none' | 'join' | 'join-anew';

/**
 * Joins a group; resolves once the first assignment has been handed to the listener. From then on
 * heartbeats and rebalances go on by themselves. The listener's calls never overlap.
 *
 * @throws {LogError} what kept the member from its first assignment.
 */
export async function joinGroup(
  client: GroupClient,
  runtime: Runtime,
  options: GroupOptions,
): Promise<Membership> {
  const membership = new GroupMembership(client, runtime, options);
  await membership.start();
  return membership;
}

class GroupMembership implements Membership {
  metadata: GroupMetadata;
  private owned: readonly TopicPartition[] = [];
  private wish: Wish = 'join';
  /** False before the first join and after being thrown out: the next join asks for a new id. */
  private isMember = false;
  private isJoining = false;
  private isOver = false;
  /** The listener has to be told when the member is thrown out. */
  private hasAssignment = false;
  private hasStarted = false;
  private readonly firstAssignment: Deferred<void> = createDeferred();
  private wakeUp: () => void = () => undefined;
  private nextHeartbeat: ScheduledCall | null = null;

  constructor(
    private readonly client: GroupClient,
    private readonly runtime: Runtime,
    private readonly options: GroupOptions,
  ) {
    this.metadata = { group: options.group, generation: -1, memberId: '' };
  }

  start(): Promise<void> {
    void this.run();
    return this.firstAssignment.promise;
  }

  rejoin(): void {
    this.ask('join');
  }

  async leave(): Promise<void> {
    if (this.isOver && !this.isMember) return;
    this.end();
    await this.sendLeave();
  }

  /** Never rejects: whatever goes wrong ends the membership. */
  private async run(): Promise<void> {
    this.scheduleHeartbeat();
    while (!this.isOver) {
      try {
        await this.step();
      } catch (error) {
        if (this.isOver) break;
        if (!isThrownOut(error)) return this.fail(error);
        this.ask('join-anew');
      }
    }
  }

  private async step(): Promise<void> {
    if (this.wish === 'none') await new Promise<void>((resolve) => (this.wakeUp = resolve));
    if (this.isOver) return;
    if (this.isThrownOut) await this.lose();
    if (!this.isOver) await this.rebalance();
  }

  /** The old member id stays in the metadata: a commit under it is refused. */
  private async lose(): Promise<void> {
    this.isMember = false;
    this.owned = [];
    if (this.hasAssignment) {
      this.hasAssignment = false;
      await this.options.listener.onLost();
    }
    // A group that refuses every join must not be asked without a pause.
    await this.runtime.scheduler.sleep(REJOIN_BACKOFF_MS);
  }

  private async rebalance(): Promise<void> {
    const joined = await this.join();
    if (this.isOver) return this.sendLeave();
    const answer = await this.sync(joined);
    if (this.isOver) return;
    if (answer.kind === 'rebalance') return this.ask('join');
    await this.take(answer, joined.generation);
  }

  private async join(): Promise<JoinAnswer> {
    const { group, instanceId, sessionTimeoutMs, listener } = this.options;
    // Reset before the user data are read: who asks for a rejoin after that gets one.
    this.wish = 'none';
    const memberId = this.isMember ? this.metadata.memberId : '';
    const self = { userData: listener.userData(), owned: this.owned };
    this.isJoining = true;
    try {
      const joined = await this.send(() =>
        this.client.join({ group, memberId, instanceId, sessionTimeoutMs, ...self }),
      );
      this.metadata = { group, generation: joined.generation, memberId: joined.memberId };
      this.isMember = true;
      return joined;
    } finally {
      this.isJoining = false;
    }
  }

  private async sync({ members }: JoinAnswer): Promise<SyncAnswer> {
    const assignments =
      members === null ? null : withholdMoving(members, await this.options.assignor(members));
    const { instanceId } = this.options;
    return this.send(() => this.client.sync({ ...this.metadata, instanceId, assignments }));
  }

  private async take(
    { assignment }: SyncAnswer & { kind: 'assigned' },
    generation: number,
  ): Promise<void> {
    const { listener } = this.options;
    if (this.isThrownOut) return;
    const revoked = without(this.owned, assignment.partitions);
    if (revoked.length > 0) {
      await listener.onRevoked(revoked);
      // Others wait for the partitions until this member has joined without them.
      this.ask('join');
    }
    if (this.isOver || this.isThrownOut) return;
    this.owned = assignment.partitions;
    this.hasAssignment = true;
    await listener.onAssigned(assignment, generation);
    this.hasStarted = true;
    this.firstAssignment.resolve();
  }

  private get isThrownOut(): boolean {
    return this.wish === 'join-anew';
  }

  private scheduleHeartbeat(): void {
    const { heartbeatIntervalMs } = this.options;
    const beat = (): void => void this.heartbeat();
    this.nextHeartbeat = this.runtime.scheduler.after(heartbeatIntervalMs, beat);
  }

  /** Independent of what the listener does; one at a time. */
  private async heartbeat(): Promise<void> {
    const { metadata } = this;
    if (this.isMember) {
      const isOutdated = (): boolean => this.isJoining || this.metadata !== metadata;
      try {
        const { instanceId } = this.options;
        const answer = await this.client.heartbeat({ ...metadata, instanceId });
        if (answer === 'rebalance' && !isOutdated()) this.ask('join');
      } catch (error) {
        if (!isOutdated()) this.judge(error);
      }
    }
    if (!this.isOver) this.scheduleHeartbeat();
  }

  /** A heartbeat that got lost is made up for by the next one. */
  private judge(error: unknown): void {
    if (isThrownOut(error)) this.ask('join-anew');
    else if (!(error instanceof LogError) || error.errorClass === 'fatal') this.fail(error);
  }

  private ask(wish: 'join' | 'join-anew'): void {
    if (!this.isThrownOut) this.wish = wish;
    this.wakeUp();
  }

  private fail(error: unknown): void {
    if (this.isOver) return;
    this.end();
    if (this.hasStarted) return this.options.listener.onFailed(error);
    // Nobody has the membership yet, so nobody else can leave.
    const refuse = (): void => this.firstAssignment.reject(error);
    this.sendLeave().then(refuse, refuse);
  }

  private end(): void {
    this.isOver = true;
    this.nextHeartbeat?.cancel();
    this.wakeUp();
  }

  private async sendLeave(): Promise<void> {
    if (!this.isMember) return;
    this.isMember = false;
    const { group, instanceId } = this.options;
    const { memberId } = this.metadata;
    try {
      await this.send(() => this.client.leave({ group, memberId, instanceId }));
    } catch (error) {
      // Refused or never answered: the group goes on without this member all the same.
      if (!(error instanceof LogError)) throw error;
    }
  }

  private send<T>(request: () => Promise<T>): Promise<T> {
    return repeatRequest(this.runtime.scheduler, request);
  }
}
