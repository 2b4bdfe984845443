import { ConfigError, SerdeError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import type { Scheduler } from '../../core/runtime/runtime.ts';
import { systemRuntime } from '../../core/runtime/system-runtime.ts';
import type { SchemaRegistry } from './schema-registry.ts';

export interface ConfluentRegistryOptions {
  /** With its path, if it has one: `https://registry:8081`. */
  readonly url: string;
  readonly auth?:
    { readonly username: string; readonly password: string } | { readonly token: string };
  /** Default: Node's own. */
  readonly fetch?: typeof globalThis.fetch;
  /** For retries. Default: that of the machine. */
  readonly scheduler?: Scheduler;
}

const maxAttempts = 4;
const attemptTimeoutMs = 10_000;
const firstDelayMs = 200;
/** Of an answer. */
const maxAnswerBytes = 4 * 1024 ** 2;
const contentType = 'application/vnd.schemaregistry.v1+json';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a registry answers for what it does not have: subject, version, schema. */
const notFound = [40401, 40402, 40403];

/**
 * A registry that speaks Confluent's REST interface. What fails in the network or with a status 5xx
 * or 429 is tried four times, within 42 seconds in the worst case: each may take 10.
 *
 * @throws {ConfigError} `BAD_OPTION` for an address that is none, or has a password in it.
 */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const base = baseOf(options.url);
  const { scheduler = systemRuntime.scheduler, fetch = globalThis.fetch } = options;
  const headers = { accept: contentType, 'content-type': contentType, ...authorization(options) };
  const ask = (path: string, body?: object) =>
    repeated(scheduler, () => request(fetch, `${base}${path}`, { headers, body }));
  return {
    async schemaOf(id) {
      const { status, body } = await ask(`/schemas/ids/${id}`);
      if (status === 404) return null;
      const { schema, schemaType = 'AVRO', references } = body;
      if (schemaType !== 'AVRO' || typeof schema !== 'string') return null;
      return Array.isArray(references) && references.length > 0 ? null : schema;
    },
    async idOf(subject, schema) {
      const { status, body } = await ask(`/subjects/${encodeURIComponent(subject)}`, { schema });
      return status === 404 ? null : idIn(body);
    },
    async register(subject, schema) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`;
      return idIn((await ask(path, { schema })).body);
    },
  };
}

function baseOf(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new ConfigError('BAD_OPTION', 'The address of the schema registry is no URL.');
  }
  if (parsed.username === '' && parsed.password === '') return url.replace(/\/+$/, '');
  throw new ConfigError(
    'BAD_OPTION',
    'The address of the schema registry has credentials in it: pass them as `auth`.',
  );
}

function authorization({ auth }: ConfluentRegistryOptions): Readonly<Record<string, string>> {
  if (auth === undefined) return {};
  if ('token' in auth) return { authorization: `Bearer ${auth.token}` };
  const pair = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

function idIn({ id }: Answer['body']): number {
  if (typeof id === 'number' && Number.isInteger(id)) return id;
  throw unavailable('it answered without an id');
}

/** Repeats what may be over soon; throws what is not, or does not end. */
async function repeated(scheduler: Scheduler, attempt: () => Promise<Answer>): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    let failure: unknown;
    try {
      const answer = await attempt();
      const { status, body } = answer;
      if (status === 404 && isNotFound(body)) return answer;
      if (status >= 200 && status < 300) return answer;
      const told = typeof body['message'] === 'string' ? `: ${body['message'].slice(0, 200)}` : '';
      const error = unavailable(`it answered ${status}${told}`);
      if (status !== 429 && status < 500) throw error;
      failure = error;
    } catch (error) {
      if (error instanceof SerdeError) throw error;
      failure = unavailable(messageOf(error), error);
    }
    if (tried === maxAttempts) throw failure;
    await scheduler.sleep(firstDelayMs * 2 ** (tried - 1));
  }
}

/** A proxy that knows no such page answers 404 too. */
function isNotFound(body: Answer['body']): boolean {
  return typeof body['error_code'] === 'number' && notFound.includes(body['error_code']);
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | undefined;
}

async function request(
  fetch: typeof globalThis.fetch,
  url: string,
  { headers, body }: Asked,
): Promise<Answer> {
  const response = await fetch(url, {
    headers,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(attemptTimeoutMs),
  });
  const text = await textOf(response);
  return { status: response.status, body: parsed(text) };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array; // a body is made of bytes
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw unavailable(`its answer is above ${maxAnswerBytes} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): Answer['body'] {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}

function unavailable(what: string, cause?: unknown): SerdeError {
  return new SerdeError('REGISTRY_UNAVAILABLE', `The schema registry cannot be used: ${what}.`, {
    cause,
  });
}
