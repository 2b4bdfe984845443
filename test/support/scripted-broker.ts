import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { ClusterMetadata } from '../../src/core/log/kafka/connections/connections.ts';
import type { Api } from '../../src/core/log/kafka/wire/api.ts';
import { metadata } from '../../src/core/log/kafka/wire/messages/metadata.ts';
import { WireReader } from '../../src/core/log/kafka/wire/wire-reader.ts';
import { WireWriter } from '../../src/core/log/kafka/wire/wire-writer.ts';

/** What a script does in place of an answer. */
type Fault =
  | { readonly fault: 'silence' }
  | { readonly fault: 'hang-up' }
  | { readonly fault: 'reset' }
  /** The first bytes of the answer, then the end of the connection. */
  | { readonly fault: 'cut'; readonly afterBytes: number };

interface SeenRequest {
  /** Number of the connection, in the order they were made. */
  readonly connection: number;
  readonly apiKey: number;
}

type Script = (body: Buffer) => Promise<Buffer | Fault>;
type TopicLeaders = Readonly<Record<string, readonly number[]>>;

const apiVersionsKey = 18;
const apiKeys = Array.from({ length: 51 }, (_, key) => key);

/**
 * A TCP peer that speaks as much of Kafka's protocol as a test scripts. Like a broker it works on
 * the requests of a connection one after the other.
 */
export class ScriptedBroker {
  readonly seen: SeenRequest[] = [];
  readonly versions = new Map(apiKeys.map((key) => [key, { min: 0, max: 20 }]));
  readonly sockets: net.Socket[] = [];
  /** In its metadata: itself, unless a test adds others. */
  readonly nodes = new Map<number, { host: string; port: number }>();
  topics: TopicLeaders = {};
  private readonly scripts = new Map<number, Script>();

  private constructor(private readonly server: net.Server) {
    const accept = (socket: net.Socket): void => this.serve(socket);
    server.on(server instanceof tls.Server ? 'secureConnection' : 'connection', accept);
    // A client that refuses the certificate is no fault of the test.
    server.on('tlsClientError', () => undefined);
    this.scripts.set(apiVersionsKey, () => Promise.resolve(this.answerVersions()));
    this.on(metadata, ({ topics }) => this.describe(topics.map(({ name }) => name ?? '')));
  }

  static async listen(nodeId = 1, certificate?: tls.TlsOptions): Promise<ScriptedBroker> {
    const server = certificate === undefined ? net.createServer() : tls.createServer(certificate);
    const broker = new ScriptedBroker(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    broker.nodes.set(nodeId, { host: '127.0.0.1', port: broker.port });
    return broker;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port; // it listens on a port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when no connection is left of those made so far. */
  async allClosed(): Promise<void> {
    const open = this.sockets.filter((socket) => !socket.closed);
    await Promise.all(
      open.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
  }

  /** Connections that a request of this kind came in by. */
  connectionsOf({ key }: { readonly key: number }): readonly number[] {
    return this.seen.filter(({ apiKey }) => apiKey === key).map(({ connection }) => connection);
  }

  /** A later script for the same request replaces the one before. */
  on<Request, Answer>(
    api: Api<Request, Answer>,
    handle: (request: Request) => Answer | Fault | Promise<Answer | Fault>,
  ): this {
    this.scripts.set(api.key, async (body) => {
      const reader = new WireReader(body, api.name);
      if (api.isFlexible) reader.skipTags();
      const answer = await handle(api.request.read(reader));
      if (isFault(answer)) return answer;
      const target = new WireWriter();
      if (api.isFlexible) target.unsignedVarint(0);
      api.answer.write(target, answer);
      return target.finish();
    });
    return this;
  }

  /** Answers with these bytes, or with a fault. */
  onKey(apiKey: number, answer: Buffer | Fault): this {
    this.scripts.set(apiKey, () => Promise.resolve(answer));
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private serve(socket: net.Socket): void {
    const connection = this.sockets.push(socket) - 1;
    let buffered = Buffer.alloc(0);
    let previous = Promise.resolve();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0);
        const frame = buffered.subarray(4, end);
        buffered = buffered.subarray(end);
        this.seen.push({ connection, apiKey: frame.readInt16BE(0) });
        previous = previous.then(() => this.answer(socket, frame));
      }
    });
  }

  private async answer(socket: net.Socket, frame: Buffer): Promise<void> {
    const script = this.scripts.get(frame.readInt16BE(0));
    if (script === undefined) throw new Error(`No script for API ${frame.readInt16BE(0)}.`);
    const answer = await script(frame.subarray(10 + frame.readInt16BE(8)));
    if (Buffer.isBuffer(answer)) socket.write(framed(frame, answer));
    else if (answer.fault === 'hang-up') socket.end();
    else if (answer.fault === 'reset') socket.resetAndDestroy();
    else if (answer.fault === 'cut') {
      socket.end(framed(frame, Buffer.alloc(1024)).subarray(0, answer.afterBytes));
    } else await new Promise((resolve) => socket.once('close', resolve));
  }

  private answerVersions(): Buffer {
    const target = new WireWriter();
    target.int16(0);
    target.int32(this.versions.size);
    for (const [key, { min, max }] of this.versions) {
      for (const number of [key, min, max]) target.int16(number);
    }
    target.int32(0);
    return target.finish();
  }

  private describe(names: readonly string[]): ClusterMetadata {
    const brokers = Array.from(this.nodes, ([nodeId, node]) => ({ nodeId, ...node, rack: null }));
    const topics = names.map((name) => ({
      errorCode: name in this.topics ? 0 : 3,
      name,
      topicId: '0'.repeat(32),
      isInternal: false,
      operations: 0,
      partitions: (this.topics[name] ?? []).map((leader, partition) => ({
        errorCode: 0,
        ...{ partition, leader, leaderEpoch: 0, replicas: [], inSync: [], offline: [] },
      })),
    }));
    const controllerId = brokers[0]?.nodeId ?? -1;
    return { throttleMs: 0, brokers, clusterId: 'scripted', controllerId, topics };
  }
}

function framed(request: Buffer, answer: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt32BE(4 + answer.length, 0);
  request.copy(header, 4, 4, 8);
  return Buffer.concat([header, answer]);
}

function isFault(answer: unknown): answer is Fault {
  return typeof answer === 'object' && answer !== null && 'fault' in answer;
}
