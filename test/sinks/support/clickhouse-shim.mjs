/**
 * ClickHouse's HTTP interface in front of the engine in this process: enough of it for
 * `@clickhouse/client`, and faults on request. Arguments: data directory, port, password.
 *
 * A connection to the engine per request, because settings stay with a connection. What is
 * inserted goes through a file, because the engine would execute what follows an empty line.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const [directory, port, password] = process.argv.slice(2);
const { Session } = createRequire(import.meta.url)('chdb');
// Holds the data directory: with the last session of a process the engine would leave it.
const root = new Session(directory);
root.query('SELECT 1');

/** Parameters of the HTTP interface that are no settings. */
const ownParameters = ['query', 'database', 'query_id', 'wait_end_of_query', 'default_format'];

/** Each fault is taken by one insert: { kind, skip }. */
const faults = [];
/** What inserts have asked for, so that a test can look at it. */
const inserts = [];
let held = [];

const quoted = (text) => `'${String(text).replace(/[\\']/g, '\\$&')}'`;

let files = 0;
function execute(parameters, body) {
  const session = new Session(directory);
  try {
    const database = parameters.get('database');
    if (database) session.query(`USE \`${database}\``);
    const settings = [...parameters]
      .filter(([name]) => !ownParameters.includes(name))
      .map(([name, value]) => `${name} = ${quoted(value)}`);
    if (settings.length > 0) session.query(`SET ${settings.join(', ')}`);
    const query = parameters.get('query');
    if (query === null) return session.query(body.toString(), 'TabSeparated');
    if (body.length === 0) return session.query(query, 'TabSeparated');
    const file = join(directory, '..', `insert-${process.pid}-${++files}`);
    try {
      writeFileSync(file, body);
      const [, into, format] = /^(.*?)\s+FORMAT\s+(\w+)\s*$/s.exec(query);
      return session.query(`${into} FROM INFILE ${quoted(file)} FORMAT ${format}`, 'TabSeparated');
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    session.close();
  }
}

function takeFault(isInsert) {
  if (!isInsert || faults.length === 0) return undefined;
  if (faults[0].skip-- > 0) return undefined;
  return faults.shift();
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('error', () => undefined);
  request.on('end', () => {
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    answer(request, response, body);
  });
});

function answer(request, response, body) {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/ping') return response.end('Ok.\n');
  if (pathname === '/control/faults') {
    faults.push(...JSON.parse(body.toString()));
    return response.end();
  }
  if (pathname === '/control/inserts') return response.end(JSON.stringify(inserts));
  if (pathname === '/control/release') {
    for (const go of held) go();
    held = [];
    return response.end();
  }
  if (password && !isAllowed(request)) {
    return fail(response, 516, 'AUTHENTICATION_FAILED', 'default: Authentication failed');
  }
  const query = searchParams.get('query') ?? body.toString();
  const isInsert = /^\s*INSERT/i.test(query);
  const fault = takeFault(isInsert);
  if (isInsert) inserts.push({ ...Object.fromEntries(searchParams), bytes: body.length });
  if (fault?.kind === 'drop-before') return request.socket.destroy();
  if (fault?.kind === 'hold') {
    // Done when it is released, whether anybody still waits for it or not.
    held.push(() => respond(searchParams, body, request, response));
    return undefined;
  }
  if (fault?.kind === 'error') return fail(response, fault.code, fault.type, 'as it was asked for');
  if (fault?.kind === 'die-before') return process.kill(process.pid, 'SIGKILL');
  return respond(searchParams, body, request, response, fault);
}

function respond(searchParams, body, request, response, fault) {
  let result;
  try {
    result = Buffer.from(execute(searchParams, body) ?? '');
  } catch (error) {
    return failed(response, String(error.message));
  }
  if (fault?.kind === 'commit-then-drop') return request.socket.destroy();
  if (fault?.kind === 'commit-then-die') return process.kill(process.pid, 'SIGKILL');
  response.setHeader('X-ClickHouse-Query-Id', searchParams.get('query_id') ?? '');
  response.setHeader('X-ClickHouse-Summary', JSON.stringify({ written_rows: '0' }));
  const isGzip =
    searchParams.get('enable_http_compression') === '1' &&
    /gzip/.test(request.headers['accept-encoding'] ?? '');
  if (!isGzip) return response.end(result);
  response.setHeader('Content-Encoding', 'gzip');
  return response.end(gzipSync(result));
}

function isAllowed({ headers }) {
  const given = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64');
  return given.toString() === `default:${password}`;
}

function failed(response, message) {
  const text = message.replace(/^Query failed: /, '');
  const [, code = '1002'] = /Code: (\d+)/.exec(text) ?? [];
  response.statusCode = code === '60' ? 404 : 500;
  response.setHeader('X-ClickHouse-Exception-Code', code);
  response.end(`${text}\n`);
}

function fail(response, code, type, message) {
  return failed(
    response,
    `Code: ${code}. DB::Exception: ${message}. (${type}) (version of a test)`,
  );
}

server.keepAliveTimeout = 10_000;
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
// The end of its input is the end of its parent.
process.stdin.on('end', () => process.exit()).resume();
