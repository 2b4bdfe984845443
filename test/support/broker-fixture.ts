import { invariant } from '../../src/core/model/invariant.ts';
import { isPromise, type MaybePromise } from '../../src/core/model/maybe-promise.ts';
import { EmbeddedBroker, type BrokerOptions } from '../../src/core/log/embedded/broker.ts';
import { memoryStorage } from '../../src/core/log/embedded/memory-storage.ts';
import type { ProducerIdentity } from '../../src/core/log/embedded/transactions.ts';
import type { NewTopic } from '../../src/core/log/port.ts';
import { builderOf, type Isolation, PLACE, recordsOf } from './log-fixture.ts';

/** A clock that stands until it is told to go on. */
export function manualClock() {
  let nowMs = 0;
  return {
    wallClockTimeMs: () => nowMs,
    monotonicTimeMs: () => nowMs,
    advance(ms: number) {
      nowMs += ms;
    },
  };
}

export function memoryBroker(options: Partial<BrokerOptions> = {}): EmbeddedBroker {
  return new EmbeddedBroker({
    storage: memoryStorage(),
    clock: manualClock(),
    groups: { check: () => undefined },
    partitions: 1,
    maxMessageBytes: 1_000_000,
    ...options,
  });
}

/** What a broker over memory answers: at once. */
export function now<T>(answer: MaybePromise<T>): T {
  invariant(!isPromise(answer), 'A broker over memory answered with a promise.');
  return answer;
}

export function compactedTopic(settings: Readonly<Record<string, string>> = {}): NewTopic {
  return { topic: PLACE.topic, partitions: 1, cleanup: 'compact', settings };
}

/** A producer that stamps its batches itself, as a client does. */
export class TestProducer {
  private sequence = 0;
  identity: ProducerIdentity;

  constructor(
    readonly broker: EmbeddedBroker,
    readonly transactionalId: string | null,
    timeoutMs = 60_000,
  ) {
    this.identity = now(broker.initProducer(transactionalId, timeoutMs));
  }

  finish(records: readonly string[], baseSequence: number, timestamp = 1000): Buffer {
    const { producerId, producerEpoch } = this.identity;
    const isTransactional = this.transactionalId !== null;
    const stamp = { baseOffset: 0, producerId, producerEpoch, baseSequence, isTransactional };
    return builderOf(records, timestamp).finish(stamp);
  }

  /** Answers the base offset. */
  send(
    records: readonly string[],
    options: { sequence?: number; timestamp?: number } = {},
  ): number {
    const { sequence = this.sequence, timestamp } = options;
    const bytes = this.finish(records, sequence, timestamp);
    const [receipt] = now(this.broker.produce(this.identity, [{ ...PLACE, bytes }]));
    this.sequence = sequence + records.length;
    return receipt?.baseOffset ?? -1;
  }

  commit(): void {
    now(this.broker.endTransaction(this.identity, 'commit'));
  }

  abort(): void {
    now(this.broker.endTransaction(this.identity, 'abort'));
  }
}

export function fetchFrom(
  broker: EmbeddedBroker,
  offset = 0,
  isolation: Isolation = 'read-committed',
) {
  const options = { isolation, maxPartitionBytes: 2 ** 30 };
  const [fetched] = now(broker.fetch([{ ...PLACE, offset }], options));
  invariant(fetched !== undefined, 'Each partition asked for is answered.');
  const { batches, nextOffset, ends } = fetched;
  return { batches, nextOffset, ends, records: batches.flatMap((one) => recordsOf(one, offset)) };
}
