import type {
  ClusterMetadata,
  Connections,
} from '../../src/core/log/kafka/connections/connections.ts';
import { type Api, decodeAnswer, encodeRequest } from '../../src/core/log/kafka/wire/api.ts';
import { WireReader } from '../../src/core/log/kafka/wire/wire-reader.ts';
import { WireWriter } from '../../src/core/log/kafka/wire/wire-writer.ts';
import type { TopicPartition } from '../../src/core/log/port.ts';

/** A request as a broker sees it: read back from its bytes. */
export interface SeenRequest {
  readonly nodeId: number;
  readonly api: string;
  readonly request: unknown;
}

type Handler<Request, Answer> = (request: Request, nodeId: number) => Answer | Promise<Answer>;

/** Brokers that answer what a test tells them, with requests and answers going through bytes. */
export class ScriptedConnections implements Connections {
  readonly seen: SeenRequest[] = [];
  readonly resets: number[] = [];
  readonly forgotten: string[] = [];
  /** Who leads; a test moves it. */
  leader: (place: TopicPartition) => number | null = () => 1;
  coordinator: (type: string, id: string) => number = () => 1;
  cluster: ClusterMetadata | null = null;
  private readonly handlers = new Map<string, (body: Buffer, nodeId: number) => Promise<Buffer>>();

  /** A later script for the same request replaces the one before. */
  on<Request, Answer>(api: Api<Request, Answer>, handle: Handler<Request, Answer>): this {
    this.handlers.set(api.name, async (body, nodeId) => {
      const request = api.request.read(new WireReader(body, api.name));
      this.seen.push({ nodeId, api: api.name, request });
      const target = new WireWriter();
      api.answer.write(target, await handle(request, nodeId));
      return target.finish();
    });
    return this;
  }

  async call<Request, Answer>(
    nodeId: number,
    api: Api<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    const handler = this.handlers.get(api.name);
    if (handler === undefined) throw new Error(`No script for ${api.name}.`);
    return decodeAnswer(api, await handler(encodeRequest(api, request), nodeId));
  }

  async anyNode(): Promise<number> {
    return 1;
  }

  async controller(): Promise<number> {
    return 1;
  }

  async metadata(): Promise<ClusterMetadata> {
    if (this.cluster === null) throw new Error('No metadata in the script.');
    return this.cluster;
  }

  async leadersOf(partitions: readonly TopicPartition[]): Promise<readonly (number | null)[]> {
    return partitions.map((place) => this.leader(place));
  }

  forgetLeaders(topics: readonly string[]): void {
    this.forgotten.push(...topics);
  }

  async coordinatorOf(type: 'group' | 'transaction', id: string): Promise<number> {
    return this.coordinator(type, id);
  }

  forgetCoordinator(type: 'group' | 'transaction', id: string): void {
    this.forgotten.push(`${type} ${id}`);
  }

  reset(nodeId: number): void {
    this.resets.push(nodeId);
  }

  async close(): Promise<void> {
    this.handlers.clear();
  }
}
