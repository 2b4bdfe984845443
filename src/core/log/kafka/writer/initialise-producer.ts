import type { Runtime } from '../../../runtime/runtime.ts';
import type { Connections } from '../connections/connections.ts';
import { askCoordinator, refusalOf } from '../requests/ask-coordinator.ts';
import { brokerError } from '../requests/broker-error.ts';
import { idempotentPatience, repeat } from '../requests/repeat.ts';
import { initProducerId } from '../wire/messages/init-producer-id.ts';

/** Who writes, as each batch and each request of a transaction names it. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Takes over whatever a transactional id has. */
export const anyProducer: ProducerIdentity = { producerId: -1, producerEpoch: -1 };

export interface ProducerToInitialise {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /**
   * `anyProducer` fences the one before, whoever it is. With its own identity a producer that has
   * been fenced itself is refused, unless its successor has a transaction open: brokers abort that
   * without a look at the epoch.
   */
  readonly current: ProducerIdentity;
}

/**
 * A new epoch. What the transactional id had open is aborted, what was decided is complete: the
 * coordinator says 51 until then. May be repeated after a lost answer.
 */
export async function initialiseProducer(
  connections: Connections,
  runtime: Runtime,
  { transactionalId, transactionTimeoutMs, current }: ProducerToInitialise,
): Promise<ProducerIdentity> {
  const request = { transactionalId, timeoutMs: transactionTimeoutMs, ...current };
  const { producerId, producerEpoch } = await repeat<ProducerIdentity>(
    runtime,
    idempotentPatience,
    () =>
      transactionalId === null
        ? askAnyBroker(connections, request)
        : askCoordinator(
            connections,
            { type: 'transaction', id: transactionalId },
            { api: initProducerId, request, refusalIn: refusalOf },
          ),
  );
  return { producerId, producerEpoch };
}

async function askAnyBroker(
  connections: Connections,
  request: { readonly timeoutMs: number } & ProducerIdentity,
): Promise<ProducerIdentity> {
  const nodeId = await connections.anyNode();
  const answer = await connections.call(nodeId, initProducerId, {
    ...request,
    transactionalId: null,
  });
  if (answer.errorCode === 0) return answer;
  throw brokerError(answer.errorCode, { api: initProducerId.name, subject: 'A new producer' });
}
