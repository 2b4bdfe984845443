import { LogError } from '../../../model/errors.ts';
import { type Api, encodeRequest } from '../wire/api.ts';
import { WireReader } from '../wire/wire-reader.ts';
import { notSentError, unansweredError } from './connect-errors.ts';
import type { InnerConnection, OpenConnection } from './kafkajs-dial.ts';
import { requireVersion } from './needed-versions.ts';

export interface LaneConnection extends OpenConnection {
  /** For messages. */
  readonly broker: string;
}

/** A place for one connection to a broker: made on first use, made anew after it broke. */
export interface Lane {
  /** Something is open that can be used at once. */
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  open(): Promise<unknown>;
  call<Request, Answer>(
    api: Api<Request, Answer>,
    request: Request,
    timeoutMs: number,
  ): Promise<Answer>;
  /** Calls under way are rejected; the next one connects anew, or gets what connects now. */
  break(reason: string): void;
}

/** The tagged fields at the end of a flexible request's header: none. */
const noTags = Buffer.of(0);

/** `connect` gives one connection; `usesSasl`: it lasts no longer than its authentication. */
export function createLane(connect: () => Promise<LaneConnection>, usesSasl: boolean): Lane {
  let current: LaneConnection | null = null;
  let opening: Promise<LaneConnection> | null = null;
  let inFlight = 0;
  let breaks = 0;

  async function connectAnew(): Promise<LaneConnection> {
    try {
      return (current = await connect());
    } finally {
      opening = null;
    }
  }

  function isUsable(): boolean {
    if (current === null || !current.connection.isConnected()) return false;
    if (!usesSasl || current.connection.isAuthenticated()) return true;
    // An answer in flight would be taken for one of the authentication: a new connection instead.
    void current.connection.disconnect();
    return false;
  }

  /** All that ask at the same time wait for the same connect. */
  function open(): Promise<LaneConnection> {
    if (opening === null && current !== null && isUsable()) return Promise.resolve(current);
    current = null;
    return (opening ??= connectAnew());
  }

  function drop(target: LaneConnection, reason: string): void {
    target.connection.socket?.destroy(new Error(reason));
    if (current === target) current = null;
  }

  return {
    get isOpen() {
      return current !== null && current.connection.isConnected();
    },
    get isBusy() {
      return inFlight > 0;
    },
    open,
    async call(api, request, timeoutMs) {
      inFlight++;
      try {
        const breaksBefore = breaks;
        const target = await open();
        if (breaks !== breaksBefore) throw notSentError(target.broker, api.name);
        try {
          return await send(target, api, encodeRequest(api, request), timeoutMs);
        } catch (error) {
          // A late answer, or the rest of a malformed one, must reach nobody.
          drop(target, `broken off, as ${api.name} had failed`);
          throw error;
        }
      } finally {
        inFlight--;
      }
    },
    break(reason) {
      breaks++;
      if (current !== null) drop(current, reason);
    },
  };
}

async function send<Answer>(
  { connection, versions, broker }: LaneConnection,
  api: Api<unknown, Answer>,
  body: Buffer,
  timeoutMs: number,
): Promise<Answer> {
  requireVersion(broker, versions, api);
  if (!connection.isConnected()) throw notSentError(broker, api.name);
  try {
    return readAnswer(api, await exchange(connection, api, body, timeoutMs));
  } catch (error) {
    if (isNotSent(error)) throw notSentError(broker, api.name, error);
    throw error instanceof LogError ? error : unansweredError(broker, api.name, error);
  }
}

function exchange(
  connection: InnerConnection,
  { key, version, name, isFlexible }: Api<unknown, unknown>,
  body: Buffer,
  timeoutMs: number,
): Promise<Buffer> {
  const bytes = isFlexible ? Buffer.concat([noTags, body]) : body;
  return connection.send({
    requestTimeout: timeoutMs,
    logResponseError: false,
    request: {
      apiKey: key,
      apiVersion: version,
      apiName: name,
      encode: () => Promise.resolve({ buf: bytes, buffer: bytes }),
    },
    // Read outside of kafkajs, which would log what `parse` resolves to.
    response: { decode: (raw) => Promise.resolve(raw), parse: (raw) => Promise.resolve(raw) },
  });
}

function readAnswer<Answer>(api: Api<unknown, Answer>, payload: Buffer): Answer {
  const reader = new WireReader(payload, api.name);
  if (api.isFlexible) reader.skipTags();
  return api.answer.read(reader);
}

function isNotSent(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'KafkaJSConnectionError' &&
    error.message === 'Not connected'
  );
}
