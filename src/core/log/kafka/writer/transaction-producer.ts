import type { Runtime } from '../../../runtime/runtime.ts';
import { partitionName } from '../../partition-name.ts';
import type { GroupMetadata, OffsetToCommit, TopicPartition } from '../../port.ts';
import type { TransactionOutcome } from '../../record-batch/control-batch.ts';
import type { Connections } from '../connections/connections.ts';
import {
  askCoordinator,
  type CoordinatedRequest,
  partitionRefusal,
  refusalOf,
} from '../requests/ask-coordinator.ts';
import { BrokerErrorCode } from '../requests/broker-error.ts';
import { byTopic } from '../requests/by-topic.ts';
import { idempotentPatience, isInDoubt, repeat, stepPatience } from '../requests/repeat.ts';
import { addOffsetsToTxn } from '../wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../wire/messages/add-partitions-to-txn.ts';
import { endTxn } from '../wire/messages/end-txn.ts';
import { addOffsetsOnce } from './commit-offsets.ts';
import { initialiseProducer, type ProducerIdentity } from './initialise-producer.ts';

export interface TransactionalId {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
}

/** The requests of transactions, one transaction after the other; what is added to the open one. */
export class TransactionProducer {
  /** Something may have been added: there is a transaction to end. */
  hasBegun = false;
  private readonly partitions = new Set<string>();
  private readonly groups = new Set<string>();
  /** Of the transaction before: a worker commits the offsets of one group. */
  private usualGroup: string | null = null;
  /** Sends once more what was added last, which adds nothing: only the epoch is looked at. */
  private addAgain: () => Promise<void> = async () => undefined;

  constructor(
    private readonly connections: Connections,
    private readonly runtime: Runtime,
    private readonly owner: TransactionalId,
    public identity: ProducerIdentity,
  ) {}

  /** Before anything is produced to them. One request for all that are new. */
  async addPartitions(places: readonly TopicPartition[]): Promise<void> {
    const added = places.filter((place) => !this.partitions.has(partitionName(place)));
    if (added.length === 0) return;
    await this.add({
      api: addPartitionsToTxn,
      request: { ...this.named, topics: byTopic(added, ({ partition }) => partition) },
      refusalIn: ({ topics }) => partitionRefusal(topics),
    });
    for (const place of added) this.partitions.add(partitionName(place));
  }

  /** Saves a round trip at the end of the transaction; done while records are being appended. */
  async addUsualGroup(): Promise<void> {
    if (this.usualGroup !== null) await this.addGroup(this.usualGroup);
  }

  /** The last step before the end: nothing of this epoch may come after it but `end`. */
  async addOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void> {
    await this.addGroup(group.group);
    this.usualGroup = group.group;
    await repeat(this.runtime, stepPatience, () =>
      addOffsetsOnce(this.connections, this.named, { offsets, group }),
    );
  }

  /**
   * Ends the transaction. Repeating the request decides it where the answer was lost; then `renew`
   * must follow, for a delayed first one would end the next transaction.
   */
  async end(outcome: TransactionOutcome): Promise<{ readonly needsRenewal: boolean }> {
    let needsRenewal = false;
    const request = { ...this.named, commits: outcome === 'commit' };
    await repeat(this.runtime, idempotentPatience, async () => {
      try {
        await this.ask({
          api: endTxn,
          request,
          refusalIn: (answer) => (isEmptyAbort(answer, outcome) ? null : refusalOf(answer)),
        });
      } catch (error) {
        needsRenewal ||= isInDoubt(error);
        throw error;
      }
    });
    this.forgetTransaction();
    return { needsRenewal };
  }

  /**
   * A new epoch of this same producer: what was open is aborted, what is still on its way refused.
   * Only for a producer whose epoch counts: it would abort what its successor has open.
   */
  async renew(): Promise<void> {
    this.identity = await initialiseProducer(this.connections, this.runtime, {
      ...this.owner,
      current: this.identity,
    });
    this.forgetTransaction();
  }

  /**
   * Aborts what is open by a new epoch. Asks first whether the own one counts: a straggler must not
   * end the life of its successor.
   *
   * @throws {LogError} `PRODUCER_FENCED`: it does not, so nothing of this producer is open.
   */
  async abandon(): Promise<void> {
    await this.addAgain();
    await this.renew();
  }

  private async addGroup(group: string): Promise<void> {
    if (this.groups.has(group)) return;
    await this.add({
      api: addOffsetsToTxn,
      request: { ...this.named, group },
      refusalIn: refusalOf,
    });
    this.groups.add(group);
  }

  private get named() {
    return { transactionalId: this.owner.transactionalId, ...this.identity };
  }

  private async add<Request, Answer>(request: CoordinatedRequest<Request, Answer>): Promise<void> {
    this.hasBegun = true;
    this.addAgain = async () => {
      await repeat(this.runtime, stepPatience, () => this.ask(request));
    };
    await this.addAgain();
  }

  private ask<Request, Answer>(request: CoordinatedRequest<Request, Answer>): Promise<Answer> {
    const coordinated = { type: 'transaction', id: this.owner.transactionalId } as const;
    return askCoordinator(this.connections, coordinated, request);
  }

  private forgetTransaction(): void {
    this.hasBegun = false;
    this.partitions.clear();
    this.groups.clear();
  }
}

/** An abort of what was never begun: the request that should have begun it was refused. */
function isEmptyAbort({ errorCode }: { errorCode: number }, outcome: TransactionOutcome): boolean {
  return outcome === 'abort' && errorCode === BrokerErrorCode.invalidTransactionState;
}
