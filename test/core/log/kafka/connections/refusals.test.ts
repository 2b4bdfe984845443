import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metadata } from '../../../../../src/core/log/kafka/wire/messages/metadata.ts';
import { WireWriter } from '../../../../../src/core/log/kafka/wire/wire-writer.ts';
import { createDeferred } from '../../../../../src/core/log/group/deferred.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { localHost, otherHost } from './certificates.ts';
import { beat, connectTo, rejection, startBroker } from './fixture.ts';

const saslHandshakeKey = 17;
const saslAuthenticateKey = 36;
const plain = { mechanism: 'plain', username: 'ann', password: 'wrong' } as const;
const ssl = { rejectUnauthorized: true };

function written(write: (target: WireWriter) => void): Buffer {
  const target = new WireWriter();
  write(target);
  return target.finish();
}

/** A port that ends each connection on the first byte, as Kafka does with TLS on a plain port. */
async function startHangingUp(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return `127.0.0.1:${address.port}`;
}

describe('a connection that is refused says what it may be', () => {
  it('nobody listens: the address, and that it can be tried again', async () => {
    const broker = await startBroker();
    const { address } = broker;
    await broker.close();
    const error = await rejection(connectTo([address]).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    expect(error.message).toContain(`${address}: connect ECONNREFUSED`);
  });

  it('several brokers, none there: each of them is named', async () => {
    const addresses = [await startHangingUp(), await startHangingUp()];
    const error = await rejection(connectTo(addresses).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    for (const address of addresses) expect(error.message).toContain(address);
  });

  it('TLS to a plain port', async () => {
    const error = await rejection(connectTo([await startHangingUp()], { ssl: true }).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    expect(error.message).toContain('leave `ssl` out');
  });

  it('a plain client on a port with TLS: closed at the first byte', async () => {
    const error = await rejection(connectTo([await startHangingUp()]).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    expect(error.message).toMatch(/`ssl`.*`sasl`/);
  });

  it('a client without SASL where it is wanted: closed at the first real request', async () => {
    const broker = await startBroker();
    broker.on(metadata, () => ({ fault: 'hang-up' }));
    const error = await rejection(connectTo([broker]).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
    expect(error.message).toMatch(/`ssl`.*`sasl`/);
  });

  it('a certificate that nobody vouches for: fatal, and what to give', async () => {
    const broker = await startBroker(1, localHost);
    const error = await rejection(connectTo([broker], { ssl }).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'fatal' });
    expect(error.message).toContain('`ssl.ca`');
  });

  it('a certificate of another host: fatal', async () => {
    const broker = await startBroker(1, otherHost);
    const error = await rejection(connectTo([broker], { ssl: { ca: otherHost.cert } }).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'fatal' });
    expect(error.message).toContain('another host');
  });

  it('a certificate that is trusted: connected', async () => {
    const broker = await startBroker(1, localHost);
    expect(await connectTo([broker], { ssl: { ca: localHost.cert } }).anyNode()).toBe(1);
  });

  it('a wrong password: fatal, with what the broker said', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(0, ['PLAIN']));
    broker.onKey(saslAuthenticateKey, authentication(58, 'Invalid username or password'));
    const error = await rejection(connectTo([broker], { sasl: plain }).anyNode());
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', errorClass: 'fatal' });
    expect(error.message).toContain('Invalid username or password');
    expect(broker.connectionsOf({ key: saslAuthenticateKey })).toHaveLength(1);
  });

  it('a connection lost during authentication: no refusal, it can be tried again', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(0, ['PLAIN']));
    broker.onKey(saslAuthenticateKey, { fault: 'hang-up' });
    const error = await rejection(connectTo([broker], { sasl: plain }).anyNode());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', errorClass: 'retriable' });
  });

  it('a mechanism that the broker has not: fatal', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(33, ['SCRAM-SHA-512']));
    const error = await rejection(connectTo([broker], { sasl: plain }).anyNode());
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', errorClass: 'fatal' });
    expect(error.message).toContain('mechanism');
  });

  it('SASL on a port without it: fatal', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(34, []));
    const error = await rejection(connectTo([broker], { sasl: plain }).anyNode());
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', errorClass: 'fatal' });
    expect(error.message).toContain('leave `sasl` out');
  });

  it('credentials that are taken: connected, each connection of its own', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(0, ['PLAIN']));
    broker.onKey(saslAuthenticateKey, authentication(0, null));
    expect(await connectTo([broker], { sasl: plain }).anyNode()).toBe(1);
    expect(broker.connectionsOf({ key: saslAuthenticateKey })).toEqual([0]);
  });

  it('an authentication that runs out is made anew on another connection', async () => {
    const broker = await startBroker();
    broker.onKey(saslHandshakeKey, handshake(0, ['PLAIN']));
    // So short that it has run out at once.
    broker.onKey(saslAuthenticateKey, authentication(0, null, 1));
    const connections = connectTo([broker], { sasl: plain });
    await connections.anyNode();
    const [asked, slow] = [createDeferred<void>(), createDeferred<void>()];
    broker.on(heartbeat, async () => {
      asked.resolve();
      await slow.promise;
      return { throttleMs: 0, errorCode: 0 };
    });
    const first = connections.call(1, heartbeat, beat);
    await asked.promise;

    const second = connections.metadata([]);

    await second;
    slow.resolve();
    expect(await first).toMatchObject({ errorCode: 0 });
    expect(new Set(broker.connectionsOf(heartbeat))).not.toContain(
      broker.connectionsOf(metadata).at(-1),
    );
  });
});

function handshake(errorCode: number, mechanisms: readonly string[]): Buffer {
  return written((target) => {
    target.int16(errorCode);
    target.int32(mechanisms.length);
    for (const mechanism of mechanisms) target.text(mechanism, 'int16');
  });
}

function authentication(errorCode: number, message: string | null, lifetimeMs = 0): Buffer {
  return written((target) => {
    target.int16(errorCode);
    target.text(message, 'int16');
    target.int32(0);
    target.int64(lifetimeMs);
  });
}
