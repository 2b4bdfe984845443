import type { Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { LogError } from '../../../model/errors.ts';
import type { KafkaOptions } from '../kafka-options.ts';
import type { SocketSet } from './socket-set.ts';

/** What kafkajs 2.2 has inside; its types do not tell. */
interface Insides {
  readonly connectionPoolBuilder: { build(address: BrokerAddress): Promise<InnerPool> };
  readonly brokerPool: {
    readonly rootLogger: unknown;
    createBroker(parts: { connectionPool: InnerPool; logger: unknown }): InnerBroker;
  };
}
interface InnerPool {
  readonly pool: readonly InnerConnection[];
}
interface InnerBroker {
  readonly versions: VersionRanges | null;
  connect(): Promise<void>;
}
export interface InnerConnection {
  readonly socket?: Socket;
  readonly requestQueue: {
    readonly pending: unknown[];
    requestTimeout: number;
    scheduleCheckPendingRequests(): void;
  };
  isConnected(): boolean;
  isAuthenticated(): boolean;
  disconnect(): Promise<unknown>;
  send(call: InnerCall): Promise<Buffer>;
}
interface InnerCall {
  readonly requestTimeout: number;
  readonly logResponseError: boolean;
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ buf: Buffer; buffer: Buffer }>;
  };
  readonly response: {
    decode(raw: Buffer): Promise<Buffer>;
    parse(decoded: Buffer): Promise<Buffer>;
  };
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export type VersionRanges = Readonly<
  Record<number, { readonly minVersion: number; readonly maxVersion: number } | undefined>
>;

export interface OpenConnection {
  readonly connection: InnerConnection;
  /** What this very broker speaks. */
  readonly versions: VersionRanges;
}

/**
 * Opens one connection, authenticated and asked for its versions, which `check` may refuse. Rejects
 * with kafkajs' errors.
 */
type Dial = (
  address: BrokerAddress,
  check: (versions: VersionRanges) => void,
) => Promise<OpenConnection>;

interface DialTimeouts {
  readonly connectMs: number;
  /** Of each request that kafkajs sends to authenticate. */
  readonly requestMs: number;
}

/**
 * The transport of kafkajs: framing, TLS and SASL of a single connection. Its pools, metadata and
 * retries are left out: each connection is an object of its own, never connected a second time, so
 * that no state of a broken one is left over.
 */
export function kafkajsDial(
  options: KafkaOptions & { readonly clientId: string },
  sockets: SocketSet,
  timeouts: DialTimeouts,
): Dial {
  const { brokerPool, connectionPoolBuilder } = insidesOf(options, sockets, timeouts);
  return async (address, check) => {
    const connectionPool = await connectionPoolBuilder.build(address);
    const [connection] = connectionPool.pool;
    expectShape(connection !== undefined && isConnection(connection), 'connection');
    calm(connection);
    const broker = brokerPool.createBroker({ connectionPool, logger: brokerPool.rootLogger });
    expectShape(typeof broker.connect === 'function', 'broker');
    try {
      await broker.connect();
      expectShape(broker.versions !== null, 'list of versions');
      check(broker.versions);
    } catch (error) {
      connection.socket?.destroy();
      throw error;
    }
    // Takes effect where it is larger than the time-out of a request: that alone shall count.
    connection.requestQueue.requestTimeout = 0;
    return { connection, versions: broker.versions };
  };
}

function insidesOf(
  { brokers, clientId, ssl, sasl }: KafkaOptions & { readonly clientId: string },
  sockets: SocketSet,
  timeouts: DialTimeouts,
): Insides {
  let captured: unknown;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    // kafkajs writes its authenticator into the object.
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
    connectionTimeout: timeouts.connectMs,
    authenticationTimeout: timeouts.requestMs,
    requestTimeout: timeouts.requestMs,
    enforceRequestTimeout: true,
    socketFactory: sockets.open,
    logLevel: logLevel.NOTHING,
    logCreator: () => () => undefined,
  });
  // The public way to a cluster: the factory runs within this call, the consumer is never used.
  kafka.consumer({
    groupId: 'unused',
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster;
        return {
          name: 'unused',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'unused', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  const insides = captured as Partial<Insides> | undefined; // checked on the next lines
  const { connectionPoolBuilder, brokerPool } = insides ?? {};
  expectShape(typeof connectionPoolBuilder?.build === 'function', 'connection pool builder');
  expectShape(typeof brokerPool?.createBroker === 'function', 'broker pool');
  return { connectionPoolBuilder, brokerPool };
}

function isConnection(connection: Partial<InnerConnection>): boolean {
  const methods = ['send', 'disconnect', 'isConnected', 'isAuthenticated'] as const;
  const { requestQueue } = connection;
  return (
    methods.every((name) => typeof connection[name] === 'function') &&
    typeof requestQueue?.scheduleCheckPendingRequests === 'function' &&
    typeof requestQueue.requestTimeout === 'number' &&
    Array.isArray(requestQueue.pending)
  );
}

/** kafkajs arms a timer of 1 ms on each connection again and again, even if nothing waits. */
function calm({ requestQueue }: InnerConnection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule();
  };
}

function expectShape(isExpected: boolean, part: string): asserts isExpected {
  if (isExpected) return;
  throw new LogError(
    'fatal',
    'BROKER_ERROR',
    `The ${part} of the installed kafkajs is not as in version 2.2.4: install kafkajs@2.2.4.`,
  );
}
