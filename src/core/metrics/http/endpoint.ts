import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { WorkerError } from '../../model/errors.ts';
import { messageOf } from '../../model/message-of.ts';
import type { Logger } from '../../runtime/logger.ts';
import { metricsText } from '../registry.ts';
import { refusalOf } from './access.ts';
import { type Answer, plain } from './answer.ts';
import type { HttpSettings } from './http-options.ts';
import { type Monitored, type Page, pagesOf } from './pages.ts';

const maxConnections = 64;
const maxHeaderBytes = 8 * 1024;
const requestTimeoutMs = 10_000;
/** How often it is looked who has taken longer: Node's own 30 s would be its time-out here. */
const timeoutCheckMs = 1_000;
/** Above the usual time between two scrapes, so that they share a connection. */
const keepAliveMs = 65_000;

export interface EndpointParts {
  readonly application: string;
  readonly settings: HttpSettings;
  readonly logger: Logger;
  /** The worker, as it is at each request. */
  readonly monitored: () => Monitored;
}

/** The pages of a worker, listening. */
export interface HttpEndpoint {
  /** With the port that was taken. */
  readonly url: string;
  /** Stops listening and closes all connections; twice is once. */
  close(): Promise<void>;
}

/** @throws {WorkerError} `HTTP_UNAVAILABLE` */
export async function openEndpoint(parts: EndpointParts): Promise<HttpEndpoint> {
  const server = serverOf(parts);
  const { host, port, tls } = parts.settings;
  try {
    await listen(server, host, port);
  } catch (cause) {
    throw unavailable(parts.settings, cause);
  }
  server.on('error', (error) => {
    parts.logger.warn(`The metrics cannot be asked for: ${messageOf(error)}`);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  const url = `${tls === null ? 'http' : 'https'}://${name}:${portOf(server)}`;
  let closed: Promise<void> | null = null;
  return {
    url,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function serverOf(parts: EndpointParts): Server {
  const { tls } = parts.settings;
  const pages = pagesOf(metricsText(parts.application));
  const noPage = plain(404, `There are ${[...pages.keys()].join(', ')}.`);
  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const page = pages.get(path) ?? { hasData: true, answer: () => noPage };
    const { hasData } = page;
    const { method = '', headers } = request;
    const refusal = refusalOf({ method, headers, hasData }, parts.settings);
    answerOf(page, refusal, parts)
      .then((answer) => send(response, answer, method === 'GET'))
      .catch(() => response.destroy());
  };
  const limits = { maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMs };
  const options = {
    ...limits,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
  };
  const server =
    tls === null
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls }, listener);
  server.maxConnections = maxConnections;
  server.on('connection', () => makeRoom(server));
  return server;
}

/** Who left a connection open may come again; who comes with the last one has to be heard. */
function makeRoom(server: Server): void {
  server.getConnections((_, count) => {
    if (count >= maxConnections) server.closeIdleConnections();
  });
}

async function answerOf(
  page: Page,
  refusal: Answer | null,
  { monitored, logger }: EndpointParts,
): Promise<Answer> {
  if (refusal !== null) return refusal;
  try {
    return await page.answer(monitored());
  } catch (error) {
    logger.error('A page about the worker could not be made.', { error });
    return plain(500, 'The log of the worker says why.');
  }
}

function send(response: ServerResponse, answer: Answer, hasBody: boolean): void {
  const { status, contentType, body, headers } = answer;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(hasBody ? body : undefined);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function unavailable({ host, port }: HttpSettings, cause: unknown): WorkerError {
  const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  const why = isTaken ? 'another program listens there' : messageOf(cause);
  const remedy = isTaken
    ? "Choose another port with the option 'http', or stop that program."
    : "Give an address of this machine, and a port that it lets you have, with the option 'http'.";
  const message = `Cannot serve metrics on ${host}, port ${port}: ${why}. ${remedy}`;
  return new WorkerError('HTTP_UNAVAILABLE', message, { cause });
}
