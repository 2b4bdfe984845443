import { invariant } from '../../model/invariant.ts';
import type { MaybePromise } from '../../model/maybe-promise.ts';
import { partitionName } from '../partition-name.ts';
import type {
  GroupMetadata,
  OffsetToCommit,
  PartitionBatch,
  ProduceReceipt,
  Writer,
  WriterOptions,
} from '../port.ts';
import type { TransactionOutcome } from '../record-batch/control-batch.ts';
import type { EmbeddedBroker } from './broker.ts';
import { logClosed } from '../log-errors.ts';
import { transactionState } from './broker-errors.ts';
import type { BatchToAppend } from './produce.ts';
import { sequenceAfter } from '../sequence-after.ts';
import type { Requests } from './requests.ts';
import type { ProducerIdentity } from './transactions.ts';

export async function openEmbeddedWriter(
  broker: EmbeddedBroker,
  requests: Requests,
  { transactionalId, transactionTimeoutMs }: WriterOptions,
): Promise<Writer> {
  const identity = await requests.send('init-producer', () =>
    broker.initProducer(transactionalId, transactionTimeoutMs),
  );
  return new EmbeddedWriter(broker, requests, identity);
}

class EmbeddedWriter implements Writer {
  /** Of the next batch, by topic and partition. */
  private readonly sequences = new Map<string, number>();
  private hasBegun = false;
  private state: 'usable' | 'poisoned' | 'closed' = 'usable';

  constructor(
    private readonly broker: EmbeddedBroker,
    private readonly requests: Requests,
    private readonly identity: ProducerIdentity,
  ) {}

  async produce(batches: readonly PartitionBatch[]): Promise<readonly ProduceReceipt[]> {
    this.requireUsable();
    // Stamped before anything is awaited: the next call must see the sequences move on.
    const finished = batches.map((batch) => this.finish(batch));
    this.hasBegun = true;
    return this.send('produce', () => this.broker.produce(this.identity, finished));
  }

  async sendOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void> {
    this.requireUsable();
    this.hasBegun = true;
    const { broker, identity } = this;
    return this.send('send-offsets', () =>
      identity.transactionalId === null
        ? broker.commitOffsets(offsets, group)
        : broker.sendOffsets(identity, offsets, group),
    );
  }

  async commit(): Promise<void> {
    this.requireUsable();
    await this.end('commit');
  }

  /** Allowed after a rejection too: readers need not wait for the transaction's time-out. */
  async abort(): Promise<void> {
    if (this.state === 'closed') throw logClosed();
    await this.end('abort');
  }

  async close(): Promise<void> {
    this.state = 'closed';
  }

  private async end(outcome: TransactionOutcome): Promise<void> {
    const { broker, identity } = this;
    if (identity.transactionalId === null || !this.hasBegun) return;
    await this.send(outcome, () => broker.endTransaction(identity, outcome));
    this.hasBegun = false;
  }

  private finish({ topic, partition, batch }: PartitionBatch): BatchToAppend {
    invariant(batch.count > 0, `An empty batch was produced to '${topic}', ${partition}.`);
    const { transactionalId, producerId, producerEpoch } = this.identity;
    const key = partitionName({ topic, partition });
    const baseSequence = this.sequences.get(key) ?? 0;
    this.sequences.set(key, sequenceAfter(baseSequence, batch.count));
    const isTransactional = transactionalId !== null;
    const stamp = { baseOffset: 0, producerId, producerEpoch, baseSequence, isTransactional };
    return { topic, partition, bytes: batch.finish(stamp) };
  }

  private async send<T>(api: string, run: () => MaybePromise<T>): Promise<T> {
    try {
      return await this.requests.send(api, run);
    } catch (error) {
      this.state = 'poisoned';
      throw error;
    }
  }

  private requireUsable(): void {
    if (this.state === 'closed') throw logClosed();
    if (this.state === 'usable') return;
    const producer = `Producer '${this.identity.transactionalId ?? this.identity.producerId}'`;
    throw transactionState(producer, 'had a request rejected before');
  }
}
