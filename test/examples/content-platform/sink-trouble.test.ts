import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startTypeScript } from '../../support/typescript-process.ts';

const program = new URL('../../../examples/content-platform/main.ts', import.meta.url);
const patienceMs = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'millrace-sink-trouble-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A server on a free port; without an answer it closes at once, and nobody listens there. */
async function serverThat(answer: Buffer | null) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // of a server that listens on TCP
  if (answer === null) server.close();
  return { url: `postgres://ann:no@127.0.0.1:${port}/web`, close: () => server.close() };
}

function argumentsFor(name: string, url: string): readonly string[] {
  const to = ['--sink', url, '--port', '0', '--dir', join(folder, name)];
  return [...to, '--events', '500'];
}

it(
  'a database that refuses the password ends the program with what it said',
  async () => {
    const fields = 'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0';
    const head = Buffer.from('E\0\0\0\0');
    head.writeInt32BE(4 + fields.length, 1);
    const database = await serverThat(Buffer.concat([head, Buffer.from(fields)]));
    const { finished } = startTypeScript(program, argumentsFor('denied', database.url));
    const { code, output } = await finished;
    database.close();
    expect(output).toContain('SINK_DENIED');
    expect(output).toContain('password authentication failed');
    expect(code).toBe(1);
  },
  patienceMs,
);

it(
  'a database that is down is named while the program waits for it',
  async () => {
    const database = await serverThat(null);
    const running = startTypeScript(program, argumentsFor('down', database.url));
    await running.outputMatches(/^events-postgres waits: .*ECONNREFUSED/m);
    running.child.kill('SIGINT');
    const { code } = await running.finished;
    expect(code).toBe(0);
  },
  patienceMs,
);
