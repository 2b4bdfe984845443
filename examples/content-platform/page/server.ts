import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Topology } from '../../../src/index.ts';
import type { Snapshot } from '../snapshot.ts';
import { pageOf } from './page.ts';

const host = '127.0.0.1';
const maxStreams = 32;
const portsTried = 50;

export interface PageOptions {
  readonly topology: Topology;
  /** 0: one that is free. */
  readonly port: number;
  /** Where the port is taken: whether one of the next is good as well. */
  readonly takesNextPort: boolean;
}

/** The page, served to this machine. */
export interface PlatformPage {
  readonly url: string;
  /** Sends it to all who look, and to each who comes. */
  publish(snapshot: Snapshot): void;
  close(): Promise<void>;
}

/** @throws {Error} with a message for the user if the port is taken. */
export async function openPage(options: PageOptions): Promise<PlatformPage> {
  const { html, policy } = pageOf(options.topology);
  const streams = new Set<ServerResponse>();
  let last = '';

  function stream(response: ServerResponse): void {
    if (streams.size >= maxStreams) return answer(response, 503, 'Too many look already.');
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    // A client without a snapshot would not know that it is connected.
    response.write(last === '' ? ': soon\n\n' : last);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal !== null) return answer(response, ...refusal);
    if (request.url === '/events') return stream(response);
    if (request.url !== '/') return answer(response, 404, 'There is nothing here.');
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    });
    response.end(html);
  });
  const port = await listen(server, options);
  return {
    url: `http://${host}:${port}/`,
    publish(snapshot) {
      last = `data: ${JSON.stringify(snapshot)}\n\n`;
      for (const response of streams) {
        // Who does not read gets the next one instead.
        if (!response.writableNeedDrain) response.write(last);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Another site's page may reach this machine under a name of its own. */
function refusalOf({ method, headers: sent }: IncomingMessage): [number, string] | null {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'Only GET.'];
  const isOwn = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(sent.host ?? '');
  return isOwn ? null : [403, 'The Host header names another machine.'];
}

async function listen(server: Server, { port, takesNextPort }: PageOptions): Promise<number> {
  for (let tried = port; ; tried += 1) {
    try {
      return await listenOn(server, tried);
    } catch (cause) {
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
      if (!isTaken) throw cause;
      if (takesNextPort && tried < port + portsTried) continue;
      throw new Error(`The port ${tried} is taken: give another by --port.`, { cause });
    }
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
