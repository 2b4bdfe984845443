import type { Clock } from '../../runtime/runtime.ts';
import type { OffsetToCommit, TopicPartition } from '../port.ts';
import type { TransactionOutcome } from '../record-batch/control-batch.ts';
import { producerFenced, transactionState } from './broker-errors.ts';
import type { CommittedOffsets } from './committed-offsets.ts';
import type { LogStorage } from './log-storage.ts';
import type { PartitionLog } from './partition-log.ts';
import { nextProducerIdRow, producerRow } from './row-keys.ts';

/** Who writes. Without a transactional id it is idempotent only. */
export interface ProducerIdentity {
  readonly transactionalId: string | null;
  readonly producerId: number;
  readonly producerEpoch: number;
}

interface OpenTransaction {
  readonly startedAtMs: number;
  readonly partitions: Set<PartitionLog>;
  readonly offsets: { readonly group: string; readonly offset: OffsetToCommit }[];
}

interface TransactionalProducer {
  readonly transactionalId: string;
  producerId: number;
  producerEpoch: number;
  timeoutMs: number;
  open: OpenTransaction | null;
  /** Of this epoch's last transaction: a repeated end with the same outcome is no error. */
  lastOutcome: TransactionOutcome | null;
}

interface ProducerRow {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** The last epoch of a producer id; after it comes another id. */
const maxEpoch = 32_766;

/**
 * The transactional producers of a log, by transactional id: epochs, fencing, open transactions.
 */
export class Transactions {
  private readonly producers = new Map<string, TransactionalProducer>();
  private readonly withOpen = new Set<TransactionalProducer>();
  private nextProducerId = 0;

  constructor(
    private readonly storage: LogStorage,
    private readonly clock: Clock,
    private readonly committed: CommittedOffsets,
  ) {}

  /** A new epoch: what the transactional id had open is aborted, older epochs are fenced. */
  initProducer(transactionalId: string | null, timeoutMs: number): ProducerIdentity {
    if (transactionalId === null) {
      return { transactionalId, producerId: this.takeProducerId(), producerEpoch: 0 };
    }
    const producer = this.producers.get(transactionalId) ?? this.register(transactionalId);
    this.bumpEpoch(producer);
    if (producer.open !== null) this.finish(producer, 'abort');
    producer.timeoutMs = timeoutMs;
    producer.lastOutcome = null;
    const { producerId, producerEpoch } = producer;
    return { transactionalId, producerId, producerEpoch };
  }

  /** Notes that the transaction writes to these partitions; begins one if none is open. */
  addPartitions(identity: ProducerIdentity, partitions: readonly PartitionLog[]): void {
    const { partitions: added } = this.begun(identity);
    for (const partition of partitions) added.add(partition);
  }

  /** Offsets that become the group's when the transaction commits. */
  addOffsets(identity: ProducerIdentity, group: string, offsets: readonly OffsetToCommit[]): void {
    const open = this.begun(identity);
    for (const offset of offsets) open.offsets.push({ group, offset });
  }

  /** @throws {LogError} `PRODUCER_FENCED`, `TRANSACTION_STATE`. */
  end(identity: ProducerIdentity, outcome: TransactionOutcome): void {
    const producer = this.current(identity);
    if (producer.open !== null) return this.finish(producer, outcome);
    // Nothing to abort is no error, nor is a repeat whose first answer was lost.
    if (outcome === 'abort' || producer.lastOutcome === outcome) return;
    const problem = `has no transaction to ${outcome}`;
    throw transactionState(`Producer '${producer.transactionalId}'`, problem);
  }

  /** Refuses older epochs. @throws {LogError} `PRODUCER_FENCED`. */
  checkEpoch(identity: ProducerIdentity): void {
    this.current(identity);
  }

  /** Aborts what is open for longer than its time-out; true: something was. */
  abortExpired(): boolean {
    if (this.withOpen.size === 0) return false;
    const nowMs = this.clock.monotonicTimeMs();
    const expired = [...this.withOpen].filter(
      ({ open, timeoutMs }) => open !== null && nowMs - open.startedAtMs >= timeoutMs,
    );
    for (const producer of expired) {
      // Fenced first: what it still sends must not begin another transaction.
      this.bumpEpoch(producer);
      this.finish(producer, 'abort');
    }
    return expired.length > 0;
  }

  /** An open transaction would move one of these offsets. */
  hasPendingOffsets(group: string, partitions: readonly TopicPartition[]): boolean {
    for (const { open } of this.withOpen) {
      const isPending = open?.offsets.some(
        (pending) =>
          pending.group === group &&
          partitions.some(
            ({ topic, partition }) =>
              topic === pending.offset.topic && partition === pending.offset.partition,
          ),
      );
      if (isPending === true) return true;
    }
    return false;
  }

  /** A producer of an earlier life. */
  reload(transactionalId: string, row: string): void {
    const { producerId, producerEpoch } = JSON.parse(row) as ProducerRow; // written by `putRow`
    const producer = { transactionalId, producerId, producerEpoch, timeoutMs: 0 };
    this.producers.set(transactionalId, { ...producer, open: null, lastOutcome: null });
  }

  reloadNextProducerId(next: number): void {
    this.nextProducerId = next;
  }

  private begun(identity: ProducerIdentity): OpenTransaction {
    const producer = this.current(identity);
    if (producer.open !== null) return producer.open;
    const startedAtMs = this.clock.monotonicTimeMs();
    producer.open = { startedAtMs, partitions: new Set(), offsets: [] };
    producer.lastOutcome = null;
    this.withOpen.add(producer);
    return producer.open;
  }

  private finish(producer: TransactionalProducer, outcome: TransactionOutcome): void {
    const { open, producerId, producerEpoch } = producer;
    producer.open = null;
    producer.lastOutcome = outcome;
    this.withOpen.delete(producer);
    if (open === null) return;
    const stamp = { producerId, producerEpoch, timestamp: this.clock.wallClockTimeMs() };
    for (const partition of open.partitions) partition.appendMarker(outcome, stamp);
    if (outcome === 'abort') return;
    for (const { group, offset } of open.offsets) this.committed.set(group, offset);
  }

  private current(identity: ProducerIdentity): TransactionalProducer {
    const { transactionalId, producerId, producerEpoch } = identity;
    const producer = transactionalId === null ? undefined : this.producers.get(transactionalId);
    const name = `Producer '${transactionalId ?? producerId}'`;
    if (producer === undefined) throw transactionState(name, 'is not transactional');
    if (producer.producerId === producerId && producer.producerEpoch === producerEpoch) {
      return producer;
    }
    throw producerFenced(
      `producer '${producer.transactionalId}'`,
      producerEpoch,
      producer.producerEpoch,
    );
  }

  private register(transactionalId: string): TransactionalProducer {
    const producerId = this.takeProducerId();
    const producer = { transactionalId, producerId, producerEpoch: -1, timeoutMs: 0 };
    const registered = { ...producer, open: null, lastOutcome: null };
    this.producers.set(transactionalId, registered);
    return registered;
  }

  private bumpEpoch(producer: TransactionalProducer): void {
    if (producer.producerEpoch < maxEpoch) producer.producerEpoch++;
    else {
      // The markers of what is open must carry the old id.
      if (producer.open !== null) this.finish(producer, 'abort');
      producer.producerId = this.takeProducerId();
      producer.producerEpoch = 0;
    }
    const row: ProducerRow = {
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
    };
    this.storage.putRow(producerRow(producer.transactionalId), JSON.stringify(row));
  }

  private takeProducerId(): number {
    const producerId = this.nextProducerId++;
    this.storage.putRow(nextProducerIdRow, String(this.nextProducerId));
    return producerId;
  }
}
