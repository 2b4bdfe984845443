import { LogError } from '../../../model/errors.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { partitionName } from '../../partition-name.ts';
import type { ReaderOptions } from '../../port.ts';
import type { Decompress } from '../../record-batch/decompress.ts';
import type { Connections } from '../connections/connections.ts';
import { brokerError } from '../requests/broker-error.ts';
import { type FetchedRecords, fetch } from '../wire/messages/fetch.ts';
import { leaderUnknown, notAnswered } from './errors.ts';
import { fetchRequest } from './fetch-request.ts';
import type { FetchSlot } from './fetch-slot.ts';
import { FetchTrouble } from './fetch-trouble.ts';
import { takeAnswer } from './take-answer.ts';

/** A broker that waits holds the socket: what is asked for meanwhile waits as long. */
const maxPollMs = 100;
/** Where partitions are left out that will soon be asked for again. */
const maxHurriedPollMs = 10;
/** Beyond the broker's own waiting. */
const answerTimeoutMs = 10_000;
/** Nothing is read ahead while so much is waiting. */
const maxWaitingBytes = 32 * 1024 * 1024;

/** What the reader's owner wants at the moment. */
export interface Wanted {
  readonly number: number;
  /** Empty between two fetches. */
  readonly slots: ReadonlySet<FetchSlot>;
  readonly endMs: number;
  readonly maxPartitionBytes: number;
}

export interface FetchLoopOptions extends ReaderOptions {
  readonly connections: Connections;
  readonly runtime: Runtime;
  readonly decompress: Decompress;
  /** All slots there are. */
  readonly slots: ReadonlyMap<string, FetchSlot>;
  readonly wanted: () => Wanted;
  /** A slot has changed. */
  readonly onChange: () => void;
}

/** Keeps requests under way for the slots that are wanted, one per broker. */
export class FetchLoop {
  private readonly busyNodes = new Set<number>();
  private readonly trouble: FetchTrouble;
  private isClosed = false;

  constructor(private readonly options: FetchLoopOptions) {
    const { connections, runtime } = options;
    this.trouble = new FetchTrouble(connections, runtime, () => this.pump());
  }

  /** Sends what can be sent. */
  pump(): void {
    if (this.isClosed) return;
    const homeless: FetchSlot[] = [];
    const byNode = new Map<number, FetchSlot[]>();
    for (const slot of this.due()) {
      if (slot.leader === null) homeless.push(slot);
      else if (!this.busyNodes.has(slot.leader)) {
        const slots = byNode.get(slot.leader) ?? [];
        byNode.set(slot.leader, slots);
        slots.push(slot);
      }
    }
    if (homeless.length > 0) void this.findLeaders(homeless);
    for (const [nodeId, slots] of byNode) void this.request(nodeId, slots);
  }

  close(): void {
    this.isClosed = true;
    this.trouble.close();
  }

  private due(): FetchSlot[] {
    const { slots, wanted, runtime } = this.options;
    const { slots: asked, number, endMs } = wanted();
    const isOver = runtime.clock.monotonicTimeMs() >= endMs;
    const all = [...slots.values()];
    const waitingBytes = all.reduce((sum, slot) => sum + slot.waitingBytes, 0);
    const hasRoom = waitingBytes < maxWaitingBytes;
    return all.filter((slot) => {
      if (slot.isBusy || slot.hasData || slot.failure !== null) return false;
      if (!asked.has(slot)) return slot.runsAhead && hasRoom;
      return !isOver || slot.answeredIn !== number;
    });
  }

  private async findLeaders(slots: readonly FetchSlot[]): Promise<void> {
    const { connections } = this.options;
    for (const slot of slots) slot.isBusy = true;
    try {
      const leaders = await connections.leadersOf(slots.map(({ place }) => place));
      for (const [index, slot] of slots.entries()) {
        slot.isBusy = false;
        slot.leader = leaders[index] ?? null;
        if (slot.leader === null) this.suffer(slot, leaderUnknown(slot.place));
      }
    } catch (error) {
      for (const slot of slots) slot.isBusy = false;
      for (const slot of concernedBy(error, slots)) this.suffer(slot, error);
    }
    this.hasChanged();
  }

  private async request(nodeId: number, slots: readonly FetchSlot[]): Promise<void> {
    const { connections, isolation } = this.options;
    const { number, maxPartitionBytes } = this.options.wanted();
    const maxWaitMs = this.maxWaitMs(slots);
    const request = fetchRequest(slots, { isolation, maxWaitMs, maxPartitionBytes });
    const runs = new Map(slots.map((slot) => [slot, slot.run]));
    this.busyNodes.add(nodeId);
    for (const slot of slots) slot.isBusy = true;
    try {
      const timeoutMs = maxWaitMs + answerTimeoutMs;
      const answer = await connections.call(nodeId, fetch, request, { timeoutMs });
      if (answer.errorCode !== 0) throw answerError(answer.errorCode);
      const answered = byName(answer.topics);
      for (const slot of slots) {
        const partition = answered.get(partitionName(slot.place));
        if (partition === undefined) throw notAnswered(slot.place);
        const taken = { nodeId, partition, number, run: runs.get(slot) };
        const error = await takeAnswer(slot, taken, this.options);
        slot.isBusy = false;
        if (error !== null) this.suffer(slot, error);
      }
    } catch (error) {
      for (const slot of slots) if (slot.isBusy) this.suffer(slot, error);
    }
    this.busyNodes.delete(nodeId);
    this.hasChanged();
  }

  /** How long the broker may wait for data. */
  private maxWaitMs(slots: readonly FetchSlot[]): number {
    const { wanted, runtime, slots: all } = this.options;
    const { slots: asked, endMs } = wanted();
    // Somebody waits for the ends alone, or knows that there is data.
    if (!slots.every((slot) => asked.has(slot) && slot.ends !== null)) return 0;
    const leftMs = Math.ceil(endMs - runtime.clock.monotonicTimeMs());
    const pollMs = all.size > asked.size ? maxHurriedPollMs : maxPollMs;
    return Math.max(0, Math.min(leftMs, pollMs));
  }

  private suffer(slot: FetchSlot, error: unknown): void {
    if (!this.isClosed) this.trouble.add(slot, error);
  }

  private hasChanged(): void {
    if (this.isClosed) return;
    this.options.onChange();
    this.pump();
  }
}

function answerError(errorCode: number): LogError {
  return brokerError(errorCode, { api: fetch.name, subject: 'A fetch' });
}

/** The other topics are looked up again without that which is missing. */
function concernedBy(error: unknown, slots: readonly FetchSlot[]): readonly FetchSlot[] {
  const topic = error instanceof LogError ? error.where.topic : undefined;
  const concerned = slots.filter(({ place }) => place.topic === topic);
  return concerned.length > 0 ? concerned : slots;
}

function byName(
  topics: readonly { readonly topic: string; readonly partitions: readonly FetchedRecords[] }[],
): ReadonlyMap<string, FetchedRecords> {
  const named = new Map<string, FetchedRecords>();
  for (const { topic, partitions } of topics) {
    for (const answer of partitions) {
      named.set(partitionName({ topic, partition: answer.partition }), answer);
    }
  }
  return named;
}
