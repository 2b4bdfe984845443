import { LogError } from '../../../model/errors.ts';
import { invariant } from '../../../model/invariant.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { logClosed } from '../../log-errors.ts';
import { partitionName } from '../../partition-name.ts';
import type {
  GroupMetadata,
  OffsetToCommit,
  PartitionBatch,
  ProduceReceipt,
  Writer,
  WriterOptions,
} from '../../port.ts';
import type { TransactionOutcome } from '../../record-batch/control-batch.ts';
import { sequenceAfter } from '../../sequence-after.ts';
import type { Connections } from '../connections/connections.ts';
import { isInDoubt, repeat, stepPatience } from '../requests/repeat.ts';
import { commitOffsetsOnce } from './commit-offsets.ts';
import { anyProducer, initialiseProducer, type ProducerIdentity } from './initialise-producer.ts';
import { produceBatches, type StampedBatch } from './produce-batches.ts';
import { TransactionProducer } from './transaction-producer.ts';

/**
 * Opens a producer on the protocol of transactions that every broker speaks. It closes the
 * connections when it is closed, or cannot be opened.
 *
 * @throws {LogError} `BROKER_UNREACHABLE`, `BROKER_NOT_READY` (`retriable`); `NOT_AUTHORIZED`,
 * `BAD_OPTION` for a time-out that the broker does not take (`fatal`).
 */
export async function openKafkaWriter(
  connections: Connections,
  runtime: Runtime,
  options: WriterOptions,
): Promise<Writer> {
  const initial = { ...options, current: anyProducer };
  const { transactionalId, transactionTimeoutMs } = options;
  try {
    const identity = await initialiseProducer(connections, runtime, initial);
    const transaction =
      transactionalId === null
        ? null
        : new TransactionProducer(
            connections,
            runtime,
            { transactionalId, transactionTimeoutMs },
            identity,
          );
    return new KafkaWriter({ connections, runtime, identity, transactionalId, transaction });
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/**
 * `refused`: an answered error, so nothing is on its way any more. `in-doubt`: an answer is
 * missing, so a request may still arrive.
 */
type WriterState = 'usable' | 'refused' | 'in-doubt' | 'closed';

interface WriterParts {
  readonly connections: Connections;
  readonly runtime: Runtime;
  readonly identity: ProducerIdentity;
  readonly transactionalId: string | null;
  /** Null for a producer without transactions. */
  readonly transaction: TransactionProducer | null;
}

class KafkaWriter implements Writer {
  /** Of the next batch, by topic and partition. */
  private readonly sequences = new Map<string, number>();
  /** Partitions with a batch on its way. */
  private readonly producing = new Set<string>();
  private openRequests = 0;
  private state: WriterState = 'usable';

  constructor(private readonly parts: WriterParts) {}

  async produce(batches: readonly PartitionBatch[]): Promise<readonly ProduceReceipt[]> {
    this.requireUsable();
    if (batches.length === 0) return [];
    // Stamped before anything is awaited: the next call must see the sequences move on.
    const stamped = batches.map((batch) => this.stamp(batch));
    const names = batches.map(partitionName);
    return this.run(async () => {
      const receipts = await this.append(stamped);
      for (const name of names) this.producing.delete(name);
      return receipts;
    });
  }

  async sendOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void> {
    this.requireUsable();
    const { connections, runtime, transaction } = this.parts;
    // They are what keeps out a worker that the group has given up.
    invariant(transaction === null || offsets.length > 0, 'A transaction carries offsets.');
    if (offsets.length === 0) return;
    await this.run(() =>
      transaction === null
        ? repeat(runtime, stepPatience, () => commitOffsetsOnce(connections, { offsets, group }))
        : transaction.addOffsets(offsets, group),
    );
  }

  async commit(): Promise<void> {
    this.requireUsable();
    // A request that arrives late would join a transaction that is decided.
    invariant(this.openRequests === 0, 'A commit waits for what was sent before it.');
    const { transaction } = this.parts;
    if (transaction?.hasBegun !== true) return;
    await this.end(transaction, 'commit');
  }

  /**
   * Allowed after a rejection too: readers need not wait for the transaction's time-out. Where a
   * request may still be on its way, the end of the transaction could overtake it, or end the next
   * one. A new epoch aborts as well, and refuses whatever comes late.
   */
  async abort(): Promise<void> {
    if (this.state === 'closed') throw logClosed();
    const { transaction } = this.parts;
    if (transaction?.hasBegun !== true) return;
    if (this.openRequests > 0) this.state = 'in-doubt';
    if (this.state === 'in-doubt') await this.abandon(transaction);
    else await this.end(transaction, 'abort');
  }

  async close(): Promise<void> {
    this.state = 'closed';
    await this.parts.connections.close();
  }

  private async append(stamped: readonly StampedBatch[]): Promise<readonly ProduceReceipt[]> {
    const { transaction } = this.parts;
    if (transaction === null) return produceBatches(this.parts, stamped);
    await transaction.addPartitions(stamped);
    // Both are awaited whatever happens: an open request must not outlive a rejection.
    const [receipts, group] = await Promise.allSettled([
      produceBatches(this.parts, stamped),
      transaction.addUsualGroup(),
    ]);
    const failures = [receipts, group].filter((settled) => settled.status === 'rejected');
    const doubt = failures.find(({ reason }) => isInDoubt(reason)) ?? failures[0];
    if (receipts.status === 'rejected' || doubt !== undefined) throw doubt?.reason;
    return receipts.value;
  }

  private async end(transaction: TransactionProducer, outcome: TransactionOutcome): Promise<void> {
    try {
      const { needsRenewal } = await this.run(() => transaction.end(outcome));
      if (needsRenewal && this.state === 'usable') await this.renew(transaction);
    } catch (error) {
      // An end that was asked for and not confirmed may not be followed by the other one.
      if (this.state === 'refused') this.state = 'in-doubt';
      throw error;
    }
  }

  /** The outcome is known, so a failure is none of the transaction; the writer ends with it. */
  private async renew(transaction: TransactionProducer): Promise<void> {
    await this.run(() => transaction.renew()).then(
      () => this.sequences.clear(),
      () => undefined,
    );
  }

  private async abandon(transaction: TransactionProducer): Promise<void> {
    try {
      await transaction.abandon();
    } catch (error) {
      // Another has initialised the id, or the coordinator did: nothing is open any more.
      if (!(error instanceof LogError && error.errorClass === 'fenced')) throw error;
    }
  }

  private stamp({ topic, partition, batch }: PartitionBatch): StampedBatch {
    const name = partitionName({ topic, partition });
    invariant(batch.count > 0, `An empty batch was produced to '${name}'.`);
    invariant(!this.producing.has(name), `'${name}' has a batch on its way already.`);
    this.producing.add(name);
    const { transaction } = this.parts;
    const { producerId, producerEpoch } = transaction?.identity ?? this.parts.identity;
    const baseSequence = this.sequences.get(name) ?? 0;
    this.sequences.set(name, sequenceAfter(baseSequence, batch.count));
    const isTransactional = transaction !== null;
    const stamp = { baseOffset: 0, producerId, producerEpoch, baseSequence, isTransactional };
    return { topic, partition, records: batch.finish(stamp) };
  }

  private async run<T>(request: () => Promise<T>): Promise<T> {
    this.openRequests += 1;
    try {
      return await request();
    } catch (error) {
      if (isInDoubt(error)) this.become('in-doubt');
      else this.become('refused');
      throw error;
    } finally {
      this.openRequests -= 1;
    }
  }

  /** Once in doubt, no answer to another request takes the doubt away. */
  private become(state: 'refused' | 'in-doubt'): void {
    if (this.state === 'usable' || (this.state === 'refused' && state === 'in-doubt')) {
      this.state = state;
    }
  }

  private requireUsable(): void {
    if (this.state === 'closed') throw logClosed();
    if (this.state === 'usable') return;
    const { transactionalId, identity } = this.parts;
    throw new LogError(
      'abort-and-reinitialise',
      'TRANSACTION_STATE',
      `Producer '${transactionalId ?? identity.producerId}' had a request rejected before. ` +
        'Discard the producer and open a new one.',
    );
  }
}
