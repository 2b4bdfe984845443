import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embedded, type EmbeddedLog, memoryBackend, run } from '../../../src/index.ts';
import { string, TopologyBuilder, type HttpOptions, type Worker } from '../../../src/index.ts';

const token = 'a-token-of-many-characters';

let log: EmbeddedLog;
let workers: Worker[];

beforeEach(() => {
  log = embedded();
  workers = [];
});

afterEach(async () => {
  for (const worker of workers) await worker.close();
  await log.close();
});

async function start(http: HttpOptions): Promise<Worker> {
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  const worker = await run(builder.build(), { log, state: memoryBackend(), http });
  workers.push(worker);
  return worker;
}

/** `fetch` does not let a test choose the Host header. */
function statusOf(
  { httpUrl }: Worker,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${httpUrl}${path}`, { agent: false, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('a worker answers over HTTP', () => {
  it('only what reads, and only its own pages', async () => {
    const worker = await start({ port: 0 });
    for (const path of ['/metrics', '/status', '/healthz', '/readyz', '/metrics?a=b']) {
      expect(await statusOf(worker, path)).toBe(200);
      expect(await statusOf(worker, path, { method: 'HEAD' })).toBe(200);
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        expect(await statusOf(worker, path, { method })).toBe(405);
      }
    }
    for (const path of ['/', '/metrics/', '/../etc/passwd', '/__proto__', '//metrics']) {
      expect(await statusOf(worker, path)).toBe(404);
    }
  });

  it('under names of this machine alone: a page in a browser may come under another', async () => {
    const worker = await start({ port: 0 });
    const statusAs = (host: string) => statusOf(worker, '/status', { headers: { host } });
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:80', '127.1.2.3', '[::1]:9464']) {
      expect(await statusAs(host), host).toBe(200);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '0.0.0.0',
    ]) {
      expect(await statusAs(host), host).toBe(403);
    }
  });

  it('probes that name no host, as HTTP/1.0 has none', async () => {
    const { httpUrl } = await start({ port: 0 });
    const socket = connect(Number(new URL(httpUrl ?? '').port), '127.0.0.1');
    socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer]; // a socket without an encoding
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 OK/);
    socket.destroy();
  });

  it('however many connections others leave open', async () => {
    const worker = await start({ port: 0 });
    const { port } = new URL(worker.httpUrl ?? '');
    const left: Socket[] = [];
    for (let count = 0; count < 150; count += 1) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      left.push(socket);
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer]; // a socket without an encoding
      expect(answer.toString()).toMatch(/^HTTP\/1.1 200 OK/);
      expect(await statusOf(worker, '/metrics')).toBe(200);
    }
    expect(left.filter(({ destroyed }) => destroyed).length).toBeGreaterThan(left.length - 64);
    for (const socket of left) socket.destroy();
  });

  it('without a word for scripts of other origins', async () => {
    const { httpUrl } = await start({ port: 0 });
    const origin = 'https://evil.example';
    const { headers } = await fetch(`${httpUrl}/status`, { headers: { origin } });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('what has data only to who knows the token, where there is one', async () => {
    const worker = await start({ port: 0, token });
    const statusWith = (authorization: string, path = '/metrics') =>
      statusOf(worker, path, { headers: { authorization } });
    expect(await statusOf(worker, '/metrics')).toBe(401);
    for (const wrong of ['', 'Bearer', `Bearer ${token}x`, `Basic ${token}`, `Bearer ${token} x`]) {
      expect(await statusWith(wrong), wrong).toBe(401);
      expect(await statusWith(wrong, '/status'), wrong).toBe(401);
    }
    expect(await statusWith(`Bearer ${token}`)).toBe(200);
    expect(await statusWith(`bearer ${token}`, '/status')).toBe(200);
    expect(await statusOf(worker, '/healthz')).toBe(200);
    expect(await statusOf(worker, '/readyz')).toBe(200);
  });

  it('other machines only with a token, and encrypted unless that is waived', async () => {
    const refused = (http: HttpOptions) =>
      expect(start(http)).rejects.toMatchObject({ name: 'ConfigError', code: 'BAD_OPTION' });
    await refused({ port: 0, host: '0.0.0.0' });
    await refused({ port: 0, host: '0.0.0.0', token });
    await refused({ port: 0, host: '::', allowPlaintext: true });
    await refused({ port: 0, token: 'short' });
    await refused({ port: 0, token: `${token}\n` });
    await refused({ port: 0, token: 'two words of a token' });
    await refused({ port: 65_536 });
    const worker = await start({ port: 0, host: '0.0.0.0', token, allowPlaintext: true });
    const headers = { authorization: `Bearer ${token}`, host: 'worker-1.example' };
    expect(await statusOf(worker, '/metrics', { headers })).toBe(200);
  });

  it('or does not start, and says what is in its way', async () => {
    const { httpUrl } = await start({ port: 0 });
    const port = Number(new URL(httpUrl ?? '').port);
    await expect(start({ port })).rejects.toMatchObject({
      code: 'HTTP_UNAVAILABLE',
      message: `Cannot serve metrics on 127.0.0.1, port ${port}: another program listens there. Choose another port with the option 'http', or stop that program.`,
    });
    const elsewhere = { port, host: '192.0.2.1', token, allowPlaintext: true };
    await expect(start(elsewhere)).rejects.toThrow('Give an address of this machine');
    expect(await log.admin.groupMembers('app')).toBe(1);
  });
});

it('a worker that was not asked to answer has no address', async () => {
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  const worker = await run(builder.build(), { log, state: memoryBackend() });
  expect(worker.httpUrl).toBeNull();
  await worker.close();
});
