import type { SimulatedRuntime } from '../../src/core/runtime/simulated-runtime.ts';
import type { Runtime } from '../../src/core/runtime/runtime.ts';
import type {
  Assignor,
  GroupMetadata,
  MemberAssignment,
  Membership,
  TopicPartition,
} from '../../src/core/log/port.ts';
import type { GroupClient, JoinRequest } from '../../src/core/log/group/protocol.ts';
import { joinGroup } from '../../src/core/log/group/membership.ts';

export const GROUP = 'app';
export const SESSION_TIMEOUT_MS = 1_000;
export const HEARTBEAT_INTERVAL_MS = 100;

/** Virtual time, or real time in its place. */
export type GroupRuntime = Pick<
  SimulatedRuntime,
  keyof Runtime | 'advance' | 'runUntil' | 'createProcess'
>;

/** What the laws of a group are held against. */
export interface GroupUnderTest {
  readonly runtime: GroupRuntime;
  readonly client: GroupClient;
  /** Commits as this member. */
  check(metadata: GroupMetadata): Promise<void>;
}

export const partitionsOf = (count: number): readonly TopicPartition[] =>
  Array.from({ length: count }, (_, partition) => ({ topic: 'in', partition }));

/** Spreads the partitions over the members by their instance ids, stickiness apart. */
export const roundRobin =
  (count: number): Assignor =>
  (members) => {
    const ids = members.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    const assignments = new Map<string, MemberAssignment>();
    for (const [index, { memberId }] of ids.entries()) {
      const partitions = partitionsOf(count).filter((p) => p.partition % ids.length === index);
      assignments.set(memberId, { partitions, userData: new Uint8Array([index]) });
    }
    return assignments;
  };

export function joinRequest(instanceId: string, over: Partial<JoinRequest> = {}): JoinRequest {
  return {
    group: GROUP,
    memberId: '',
    instanceId,
    generation: -1,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    topics: ['in'],
    userData: new Uint8Array(),
    owned: [],
    ...over,
  };
}

export interface TestMemberOptions {
  readonly instanceId: string;
  readonly runtime: Runtime;
  readonly client: GroupClient;
  readonly assignor: Assignor;
  /** Runs inside `onRevoked`, while the member still owns the partitions. */
  readonly whileRevoking?: (member: TestMember) => Promise<void>;
  /** After every callback. */
  readonly onChange?: (member: TestMember) => void;
}

/** A worker reduced to its membership: it owns partitions and writes down what it is told. */
export class TestMember {
  readonly instanceId: string;
  readonly events: string[] = [];
  owned = new Set<number>();
  userData = new Uint8Array();
  failure: unknown = null;
  membership: Membership | null = null;
  /** What it could commit under, known from the answers to its joins. */
  metadata: GroupMetadata = { group: GROUP, generation: -1, memberId: '' };

  constructor(private readonly options: TestMemberOptions) {
    this.instanceId = options.instanceId;
  }

  async join(): Promise<void> {
    const { runtime, instanceId, assignor } = this.options;
    this.membership = await joinGroup(this.listeningClient(), runtime, {
      group: GROUP,
      instanceId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      assignor,
      listener: {
        userData: () => this.userData,
        onRevoked: (partitions) => this.revoke(partitions),
        onAssigned: (assignment, generation) => this.assign(assignment, generation),
        onLost: () => this.lose(),
        onFailed: (error) => {
          this.failure = error;
          this.owned.clear();
          this.tell('failed');
        },
      },
    });
  }

  async leave(): Promise<void> {
    this.owned.clear();
    await this.membership?.leave();
  }

  private async assign({ partitions }: MemberAssignment, generation: number): Promise<void> {
    this.owned = new Set(partitions.map(({ partition }) => partition));
    this.tell(`assigned ${[...this.owned].join(',')} in ${generation}`);
  }

  private async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.options.whileRevoking?.(this);
    for (const { partition } of partitions) this.owned.delete(partition);
    this.tell(`revoked ${partitions.map(({ partition }) => partition).join(',')}`);
  }

  private async lose(): Promise<void> {
    this.owned.clear();
    this.tell('lost');
  }

  private tell(event: string): void {
    this.events.push(event);
    this.options.onChange?.(this);
  }

  private listeningClient(): GroupClient {
    const { client } = this.options;
    return {
      sync: (request) => client.sync(request),
      heartbeat: (request) => client.heartbeat(request),
      leave: (request) => client.leave(request),
      join: async (request) => {
        const { generation, memberId, members } = await client.join(request);
        this.metadata = { group: GROUP, generation, memberId };
        return { generation, memberId, members };
      },
    };
  }
}
