import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface FakeInsert {
  readonly query: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** How an insert is answered: by an error of the server, by nothing at all, or by a hang-up. */
export type FakeAnswer =
  | { readonly code: number; readonly text: string }
  | { readonly status: number; readonly text: string }
  | 'silence'
  | 'hang-up';

/** What a server has and says, in place of what a good one would. */
export interface FakeClickhouse {
  readonly url: string;
  readonly inserts: readonly FakeInsert[];
  /** All else that was asked. */
  readonly questions: readonly string[];
  /** Settings of the server by their names; one that is missing is unknown to it. */
  readonly settings: Map<string, string>;
  readonly tableSettings: Map<string, string>;
  table: { engine: string; engine_full: string; partition_key: string };
  /** The type of its one column, `page`. */
  columnType: string;
  /** For the inserts to come; undefined: they succeed. */
  answer: FakeAnswer | undefined;
  /** Resolves once another insert has come. */
  nextInsert(): Promise<void>;
  close(): Promise<void>;
}

/** As much of the HTTP interface as the sink asks for. */
export async function fakeClickhouse(): Promise<FakeClickhouse> {
  const inserts: FakeInsert[] = [];
  const questions: string[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => respond(request, response, Buffer.concat(chunks)));
  });

  function respond(request: IncomingMessage, response: ServerResponse, raw: Buffer): void {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const parameters = Object.fromEntries(searchParams);
    const isGzip = request.headers['content-encoding'] === 'gzip';
    const body = (isGzip ? gunzipSync(raw) : raw).toString();
    const query = parameters['query'] ?? body;
    if (!query.startsWith('INSERT')) {
      questions.push(query);
      const rows = rowsOf(fake, query, parameters).map((row) => `${JSON.stringify(row)}\n`);
      response.end(rows.join(''));
      return;
    }
    inserts.push({ query, parameters, authorization: request.headers.authorization, body });
    for (const resume of waiting.splice(0)) resume();
    refuse(response, fake.answer);
  }

  const fake: FakeClickhouse = {
    url: '',
    inserts,
    questions,
    columnType: 'String',
    settings: new Map([
      ['insert_deduplication_token', ''],
      ['async_insert', 'as asked'],
    ]),
    tableSettings: new Map(),
    table: {
      engine: 'MergeTree',
      engine_full: 'MergeTree SETTINGS non_replicated_deduplication_window = 1000',
      partition_key: '',
    },
    answer: undefined,
    nextInsert: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, { url: `http://127.0.0.1:${port}` });
}

function rowsOf(
  fake: FakeClickhouse,
  query: string,
  parameters: Readonly<Record<string, string>>,
): readonly object[] {
  if (query.includes('version()')) return [{ value: '18.16.1' }];
  if (query.includes('system.settings')) {
    // A profile that fixes a value: the server says its own, whatever was asked for.
    const own = [...fake.settings].map(([name, value]) => ({
      name,
      value: value === 'as asked' ? (parameters[name] ?? '') : value,
    }));
    return own.filter(({ name }) => parameters['param_names']?.includes(`'${name}'`));
  }
  if (query.includes('merge_tree_settings')) {
    return [...fake.tableSettings].map(([name, value]) => ({ name, value }));
  }
  const type = fake.columnType;
  if (query.includes('system.columns')) return [{ name: 'page', type, default_kind: '' }];
  const names = { database: 'default', name: 'pages', uuid: '' };
  const views = { dependencies_database: [], dependencies_table: [] };
  const create_table_query = `CREATE TABLE default.pages (page ${type})`;
  return [{ ...names, create_table_query, ...views, ...fake.table }];
}

function refuse(response: ServerResponse, answer: FakeAnswer | undefined): void {
  if (answer === 'silence') return;
  if (answer === 'hang-up') {
    response.destroy();
  } else if (answer === undefined) {
    response.end();
  } else if ('code' in answer) {
    response.statusCode = 500;
    response.setHeader('X-ClickHouse-Exception-Code', answer.code);
    response.end(`Code: ${answer.code}. DB::Exception: ${answer.text} (version 26.7)`);
  } else {
    response.statusCode = answer.status;
    response.end(answer.text);
  }
}
