import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A schema registry as far as the serde asks it, with a dial for what goes wrong. */
export interface FakeRegistry {
  readonly url: string;
  /** `GET /schemas/ids/1`, ... */
  readonly requests: string[];
  /** Answers so, until it is null again. */
  fault: ((response: ServerResponse) => void) | null;
  /** Registers a schema, and gives its id. */
  add(subject: string, schema: object | string): number;
  close(): Promise<void>;
}

export async function fakeRegistry(): Promise<FakeRegistry> {
  const schemas: string[] = [];
  const subjects = new Map<string, number[]>();
  const add = (subject: string, schema: string): number => {
    const text = JSON.stringify(JSON.parse(schema));
    if (!schemas.includes(text)) schemas.push(text);
    const id = schemas.indexOf(text) + 1;
    const ids = subjects.get(subject) ?? [];
    subjects.set(subject, ids.includes(id) ? ids : [...ids, id]);
    return id;
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = `${request.method} ${request.url}`;
    fake.requests.push(path);
    const body = await textOf(request);
    if (fake.fault !== null) return fake.fault(response);
    const asked = /^GET \/schemas\/ids\/(\d+)$/.exec(path);
    const schema = schemas[Number(asked?.[1]) - 1];
    if (asked !== null) return reply(response, schema === undefined ? missing(40403) : { schema });
    const [, subject = '', versions] = /^POST \/subjects\/([^/]+)(\/versions)?$/.exec(path) ?? [];
    const { schema: given } = JSON.parse(body) as { schema: string };
    if (versions !== undefined) return reply(response, { id: add(subject, given) });
    const id = schemas.indexOf(JSON.stringify(JSON.parse(given))) + 1;
    const ids = subjects.get(subject);
    if (ids === undefined) return reply(response, missing(40401));
    return reply(response, ids.includes(id) ? { id, subject, version: 1 } : missing(40403));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeRegistry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    requests: [],
    fault: null,
    add: (subject, schema) =>
      add(subject, typeof schema === 'string' ? schema : JSON.stringify(schema)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

function missing(code: number) {
  return { error_code: code, message: 'not found' };
}

export function reply(response: ServerResponse, body: object, status?: number): void {
  response.writeHead(status ?? ('error_code' in body ? 404 : 200));
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks).toString();
}
