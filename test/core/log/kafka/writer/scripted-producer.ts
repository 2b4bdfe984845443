import { openKafkaWriter } from '../../../../../src/core/log/kafka/writer/kafka-writer.ts';
import type { Api } from '../../../../../src/core/log/kafka/wire/api.ts';
import { addOffsetsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { endTxn } from '../../../../../src/core/log/kafka/wire/messages/end-txn.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { offsetCommit } from '../../../../../src/core/log/kafka/wire/messages/offset-commit.ts';
import { produce } from '../../../../../src/core/log/kafka/wire/messages/produce.ts';
import { txnOffsetCommit } from '../../../../../src/core/log/kafka/wire/messages/txn-offset-commit.ts';
import type { Writer } from '../../../../../src/core/log/port.ts';
import {
  type BatchHeader,
  readBatchHeader,
} from '../../../../../src/core/log/record-batch/batch-header.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import { ScriptedConnections, type SeenRequest } from '../../../../support/scripted-connections.ts';

/** The outcome of one request: an error code, or what becomes of it instead of an answer. */
export type Outcome = number | 'lost' | 'unreachable' | 'never';

export const INITIAL = { producerId: 4000, producerEpoch: 7 };
export const GROUP = { group: 'app', generation: 12, memberId: 'm-1' };
export const ID = 'app-0';

interface SentBatch extends BatchHeader {
  readonly nodeId: number;
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

interface OfPartition {
  readonly partition: number;
}

interface OfTopics {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly unknown[] }[];
}

/** Brokers that do what is asked, except where a test tells the outcome of requests to come. */
export class ScriptedProducer {
  readonly runtime = createSimulatedRuntime({ seed: 1 });
  readonly connections = new ScriptedConnections();
  readonly batches: SentBatch[] = [];
  isClosed = false;
  private readonly outcomes = new Map<string, Outcome[]>();
  private identity = { ...INITIAL, producerEpoch: INITIAL.producerEpoch - 1 };

  constructor() {
    const { connections } = this;
    this.answer(initProducerId, (errorCode) => {
      if (errorCode !== 0) return { ...throttle, errorCode, producerId: -1, producerEpoch: -1 };
      this.identity = { ...this.identity, producerEpoch: this.identity.producerEpoch + 1 };
      return { ...throttle, errorCode, ...this.identity };
    });
    this.answer(addPartitionsToTxn, (errorCode, request) => ({
      ...throttle,
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((partition) => ({ partition, errorCode })),
      })),
    }));
    this.answer(addOffsetsToTxn, (errorCode) => ({ ...throttle, errorCode }));
    this.answer(endTxn, (errorCode) => ({ ...throttle, errorCode }));
    this.answer(txnOffsetCommit, (errorCode, request) => ({
      ...throttle,
      topics: codesFor(request.topics, errorCode),
    }));
    this.answer(offsetCommit, (errorCode, request) => ({
      ...throttle,
      topics: codesFor(request.topics, errorCode),
    }));
    this.answer(produce, (errorCode, request, nodeId) => ({
      ...throttle,
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, records }) => {
          const bytes = Buffer.from(records);
          this.batches.push({ ...readBatchHeader(bytes), nodeId, topic, partition, bytes });
          return receipt(partition, errorCode, this.batches.length * 100);
        }),
      })),
    }));
    const close = connections.close.bind(connections);
    connections.close = () => {
      this.isClosed = true;
      return close();
    };
  }

  /** What the next requests of this kind come to; all later ones succeed. */
  next(api: { readonly name: string }, ...outcomes: readonly Outcome[]): this {
    this.outcomes.set(api.name, [...outcomes]);
    return this;
  }

  open(transactionalId: string | null = ID): Promise<Writer> {
    const options = { transactionalId, transactionTimeoutMs: 30_000 };
    return this.run(openKafkaWriter(this.connections, this.runtime, options));
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.runUntil(promise);
  }

  async rejection(promise: Promise<unknown>): Promise<LogError> {
    try {
      await this.run(promise);
    } catch (error) {
      if (error instanceof LogError) return error;
      throw error;
    }
    throw new Error('It did not reject.');
  }

  /** The requests so far; the next ones are counted anew. */
  takeRequests(): SeenRequest[] {
    return this.connections.seen.splice(0);
  }

  takeNames(): string[] {
    return this.takeRequests().map(({ api }) => api);
  }

  /** The requests of one kind, as they were sent. */
  sent<Request, Answer>(api: Api<Request, Answer>): Request[] {
    return this.connections.seen
      .filter((seen) => seen.api === api.name)
      .map(({ request }) => request as Request); // read by the codec of this very request
  }

  private answer<Request, Answer>(
    api: Api<Request, Answer>,
    answerWith: (errorCode: number, request: Request, nodeId: number) => Answer,
  ): void {
    this.connections.on(api, (request, nodeId) => {
      const outcome = this.outcomes.get(api.name)?.shift() ?? 0;
      if (outcome === 'never') return new Promise<Answer>(() => undefined);
      if (typeof outcome === 'string') throw failure(outcome);
      return answerWith(outcome, request, nodeId);
    });
  }
}

const throttle = { throttleMs: 0 };

export function receipt(partition: number, errorCode: number, baseOffset: number) {
  const logStartOffset = errorCode === 0 ? 0 : -1;
  const offset = errorCode === 0 ? baseOffset : -1;
  return { partition, errorCode, baseOffset: offset, logAppendTime: -1, logStartOffset };
}

function codesFor(
  topics: readonly { readonly topic: string; readonly partitions: readonly OfPartition[] }[],
  errorCode: number,
) {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
  }));
}

/** As `Connections.call` rejects. */
export function failure(kind: 'lost' | 'unreachable'): LogError {
  return kind === 'lost'
    ? new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer came.')
    : new LogError('retriable', 'BROKER_UNREACHABLE', 'No connection was made.');
}

/** Topics and partitions that a request names. */
export function placesOf(request: OfTopics): string[] {
  return request.topics.flatMap(({ topic, partitions }) =>
    partitions.map((entry) => {
      const partition = typeof entry === 'number' ? entry : (entry as OfPartition).partition; // the two forms there are
      return `${topic}-${partition}`;
    }),
  );
}
