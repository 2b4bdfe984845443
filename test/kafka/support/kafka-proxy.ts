import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Frames } from './frames.ts';
import { type ApiName, apiNames } from './api-names.ts';

export interface ProxyRoute {
  readonly listenPort: number;
  readonly targetPort: number;
}

/**
 * `cut-request` closes the connection before the broker has seen the request; `hold-request` hands
 * it over late, even if the client has gone meanwhile. The others let the broker carry it out:
 * `cut` closes the connection instead of answering; `delay` holds the answer and all behind it;
 * `drop` swallows it and all behind it, on a connection that stays open.
 */
export type FaultKind = 'cut-request' | 'hold-request' | 'cut' | 'delay' | 'drop';

export interface FaultRule {
  readonly kind: FaultKind;
  /** Default: all. */
  readonly apis?: readonly ApiName[];
  /** Of matching requests, 0 to 1. Default 1. */
  readonly chance?: number;
  /** How often at most. Default: no limit. */
  readonly times?: number;
  /** Of `delay` and `hold-request`. Default 1000. */
  readonly delayMs?: number;
}

/** A rule while it holds. */
export interface AimedFault {
  /** How often it has struck. */
  readonly count: number;
  /** Resolves when it strikes for the first time. */
  readonly firstStruck: Promise<void>;
  clear(): void;
}

export interface KafkaProxy {
  /** The first rule that matches a request and has chance on its side decides. */
  aim(rule: FaultRule): AimedFault;
  /** Ends all rules; what was dropped stays so. */
  clear(): void;
  /** Closes all connections at once, new ones are taken. */
  cutAll(): void;
  /** Faults so far, by `<kind> <api>`. */
  readonly faults: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface KafkaProxyOptions {
  /** Of a cluster that was started with `proxied`. */
  readonly routes: readonly ProxyRoute[];
  /** Uniform in [0, 1); seeded, so that the choice of faults is. */
  readonly random: () => number;
}

interface ActiveRule {
  readonly rule: FaultRule;
  count: number;
  strike(): void;
}

/** Stands between clients and brokers and understands just enough to aim at one kind of answer. */
export async function startKafkaProxy(options: KafkaProxyOptions): Promise<KafkaProxy> {
  const { routes, random } = options;
  const rules = new Set<ActiveRule>();
  const faults = new Map<string, number>();
  const sockets = new Set<Socket>();

  const faultFor = (api: ApiName | null): FaultRule | null => {
    for (const active of rules) {
      const { apis, chance = 1, times = Infinity, kind } = active.rule;
      if (apis !== undefined && (api === null || !apis.includes(api))) continue;
      if (active.count >= times || random() >= chance) continue;
      active.strike();
      const name = `${kind} ${api ?? 'other'}`;
      faults.set(name, (faults.get(name) ?? 0) + 1);
      return active.rule;
    }
    return null;
  };
  const servers = await Promise.all(
    routes.map(({ listenPort, targetPort }) =>
      listen(listenPort, (client) => {
        const broker = connect(targetPort, '127.0.0.1');
        for (const socket of [client, broker]) {
          sockets.add(socket);
          socket.once('close', () => sockets.delete(socket));
        }
        relay(client, broker, faultFor);
      }),
    ),
  );
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    aim: (rule) => aimAt(rules, rule),
    clear: () => rules.clear(),
    cutAll,
    faults,
    async close() {
      const closed = servers.map((server) => once(server, 'close'));
      for (const server of servers) server.close();
      cutAll();
      await Promise.all(closed);
    },
  };
}

function aimAt(rules: Set<ActiveRule>, rule: FaultRule): AimedFault {
  let tell: () => void = () => undefined;
  const firstStruck = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const active: ActiveRule = {
    rule,
    count: 0,
    strike() {
      active.count += 1;
      tell();
    },
  };
  rules.add(active);
  return {
    get count() {
      return active.count;
    },
    firstStruck,
    clear: () => rules.delete(active),
  };
}

async function listen(port: number, onClient: (client: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true }, onClient);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Answers come in the order of the requests, so one that is held holds those behind it. */
function relay(
  client: Socket,
  broker: Socket,
  faultFor: (api: ApiName | null) => FaultRule | null,
): void {
  const requests = new Map<number, FaultRule>();
  const requestFrames = new Frames();
  const answerFrames = new Frames();
  let answered: Promise<void> = Promise.resolve();
  let handedOver: Promise<void> = Promise.resolve();
  let isDropping = false;
  const cut = () => {
    client.destroy();
    // What is held still has to arrive.
    void handedOver.then(() => broker.destroySoon());
  };

  for (const socket of [client, broker]) {
    socket.setNoDelay(true);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  const handOver = async (frame: Buffer, heldMs: number): Promise<void> => {
    if (heldMs > 0) await delayed(heldMs);
    if (!broker.destroyed) broker.write(frame);
  };
  client.on('data', (chunk: Buffer) => {
    for (const frame of requestFrames.add(chunk)) {
      const fault = faultFor(apiNames.get(frame.readInt16BE(4)) ?? null);
      if (fault?.kind === 'cut-request') return cut();
      if (fault !== null) requests.set(frame.readInt32BE(8), fault);
      const heldMs = fault?.kind === 'hold-request' ? (fault.delayMs ?? 1000) : 0;
      handedOver = handedOver.then(() => handOver(frame, heldMs));
    }
  });
  const answer = async (frame: Buffer): Promise<void> => {
    const correlationId = frame.readInt32BE(4);
    const fault = requests.get(correlationId);
    requests.delete(correlationId);
    if (fault?.kind === 'cut') return cut();
    if (fault?.kind === 'delay') await delayed(fault.delayMs ?? 1000);
    isDropping ||= fault?.kind === 'drop';
    if (!isDropping && !client.destroyed) client.write(frame);
  };
  broker.on('data', (chunk: Buffer) => {
    for (const frame of answerFrames.add(chunk)) {
      answered = answered.then(() => answer(frame));
    }
  });
}

function delayed(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });
}
