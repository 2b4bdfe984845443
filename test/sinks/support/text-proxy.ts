import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * `cut-request`: the server never sees it. `cut-answer`: the server does it, and the connection
 * ends instead of the answer. `swallow-answer`: the same on a connection that stays open.
 */
export type TextFault = 'cut-request' | 'cut-answer' | 'swallow-answer';

export interface TextProxy {
  readonly port: number;
  /** Strikes the next request with this text in it, once. Resolves when it has. */
  aim(fault: TextFault, text: string): Promise<void>;
  close(): Promise<void>;
}

interface Aim {
  readonly fault: TextFault;
  readonly text: string;
  strike(): void;
}

/** Stands before a server whose requests have text, as SQL, and loses what it is told to. */
export async function startTextProxy(targetPort: number): Promise<TextProxy> {
  const aims: Aim[] = [];
  const sockets = new Set<Socket>();
  const take = (request: Buffer): Aim | null => {
    const index = aims.findIndex(({ text }) => request.includes(text));
    return index < 0 ? null : (aims.splice(index, 1)[0] ?? null);
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    let struck: Aim | null = null;
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (request: Buffer) => {
      struck ??= take(request);
      if (struck?.fault === 'cut-request') {
        struck.strike();
        return cut();
      }
      upstream.write(request);
    });
    upstream.on('data', (answer: Buffer) => {
      if (struck === null) return void client.write(answer);
      struck.strike();
      if (struck.fault === 'cut-answer') cut();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    aim: (fault, text) =>
      new Promise((resolve) => aims.push({ fault, text, strike: () => resolve() })),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
