import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { propertyOptions } from '../support/property-options.ts';
import { Frames } from './support/frames.ts';
import { freePorts } from './support/free-ports.ts';
import { type FaultRule, type KafkaProxy, startKafkaProxy } from './support/kafka-proxy.ts';

const endTxn = 26;
const heartbeat = 12;

const framed = (body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
};

function requestOf(apiKey: number, correlationId: number): Buffer {
  const body = Buffer.alloc(10);
  body.writeInt16BE(apiKey);
  body.writeInt32BE(correlationId, 4);
  return framed(body);
}

/** Answers each request with its correlation id alone, and remembers those it has seen. */
async function startEcho(port: number, seen: number[]): Promise<Server> {
  const server = createServer((socket) => {
    const frames = new Frames();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of frames.add(chunk)) {
        seen.push(frame.readInt32BE(8));
        socket.write(framed(frame.subarray(8, 12)));
      }
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function answersOf(socket: Socket, count: number): Promise<number[]> {
  const frames = new Frames();
  const answers: number[] = [];
  while (answers.length < count) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]; // no encoding is set
    answers.push(...frames.add(chunk).map((frame) => frame.readInt32BE(4)));
  }
  return answers;
}

describe('a Kafka proxy', () => {
  const seen: number[] = [];
  let broker: Server;
  let proxy: KafkaProxy;
  let port: number;
  let draws: number[];

  beforeEach(async () => {
    const [listenPort = 0, targetPort = 0] = await freePorts(2);
    seen.length = 0;
    draws = [];
    port = listenPort;
    broker = await startEcho(targetPort, seen);
    const routes = [{ listenPort, targetPort }];
    proxy = await startKafkaProxy({ routes, random: () => draws.shift() ?? 0.5 });
  });

  afterEach(async () => {
    await proxy.close();
    broker.close();
  });

  const open = () => connect(port, '127.0.0.1');

  it('passes everything on while no rule holds', async () => {
    const client = open();
    client.write(Buffer.concat([requestOf(endTxn, 1), requestOf(heartbeat, 2)]));
    expect(await answersOf(client, 2)).toEqual([1, 2]);
    expect(proxy.faults.size).toBe(0);
  });

  it('cuts instead of answering one kind of request, which was carried out', async () => {
    const client = open();
    const fault = proxy.aim({ kind: 'cut', apis: ['EndTxn'] });
    client.write(requestOf(heartbeat, 1));
    expect(await answersOf(client, 1)).toEqual([1]);
    client.write(requestOf(endTxn, 2));
    await Promise.all([fault.firstStruck, once(client, 'close')]);
    expect(seen).toEqual([1, 2]);
    expect([...proxy.faults]).toEqual([['cut EndTxn', 1]]);
  });

  it('cuts before the broker has seen the request', async () => {
    const client = open();
    proxy.aim({ kind: 'cut-request', apis: ['EndTxn'] });
    client.write(requestOf(endTxn, 1));
    await once(client, 'close');
    expect(seen).toEqual([]);
  });

  it('hands a held request over late, although its client has gone', async () => {
    const client = open();
    const fault = proxy.aim({ kind: 'hold-request', apis: ['EndTxn'], delayMs: 50 });
    client.write(requestOf(endTxn, 1));
    await fault.firstStruck;
    client.destroy();
    await vi.waitFor(() => expect(seen).toEqual([1]));
  });

  it('drops an answer and all behind it, and leaves other connections alone', async () => {
    const dropped = open();
    const answers: Buffer[] = [];
    dropped.on('data', (chunk: Buffer) => answers.push(chunk));
    const fault = proxy.aim({ kind: 'drop', apis: ['EndTxn'], times: 1 });
    dropped.write(Buffer.concat([requestOf(endTxn, 1), requestOf(heartbeat, 2)]));
    await fault.firstStruck;
    const other = open();
    other.write(requestOf(endTxn, 3));
    expect(await answersOf(other, 1)).toEqual([3]);
    proxy.cutAll();
    await once(dropped, 'close');
    expect(answers).toEqual([]);
    expect([...seen].sort()).toEqual([1, 2, 3]);
  });

  it('delays an answer, and those behind it keep their order', async () => {
    const client = open();
    proxy.aim({ kind: 'delay', apis: ['EndTxn'], delayMs: 20 });
    client.write(Buffer.concat([requestOf(endTxn, 1), requestOf(heartbeat, 2)]));
    expect(await answersOf(client, 2)).toEqual([1, 2]);
  });

  const sparing: Record<string, FaultRule> = {
    'for another request': { kind: 'cut', apis: ['Produce'] },
    'that has struck as often as it may': { kind: 'cut', times: 0 },
    'against which chance decides': { kind: 'cut', chance: 0.4 },
  };
  it.each(Object.entries(sparing))('spares a request from a rule %s', async (_label, rule) => {
    const fault = proxy.aim(rule);
    const client = open();
    client.write(requestOf(endTxn, 1));
    expect(await answersOf(client, 1)).toEqual([1]);
    expect(fault.count).toBe(0);
  });

  it('spares all requests once the rule is cleared', async () => {
    const fault = proxy.aim({ kind: 'cut' });
    fault.clear();
    const client = open();
    client.write(requestOf(endTxn, 1));
    expect(await answersOf(client, 1)).toEqual([1]);
  });
});

it('frames are the same however the stream was cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });
  const cuts = fc.array(fc.nat(40));
  const law = fc.property(bodies, cuts, (parts, at) => {
    const expected = parts.map((part) => framed(Buffer.from(part)));
    const stream = Buffer.concat(expected);
    const edges = [0, ...at.filter((edge) => edge < stream.length), stream.length];
    edges.sort((a, b) => a - b);
    const frames = new Frames();
    const found = edges
      .slice(1)
      .flatMap((edge, index) => frames.add(stream.subarray(edges[index], edge)));
    expect(found.map((frame) => frame.toString('hex'))).toEqual(
      expected.map((frame) => frame.toString('hex')),
    );
  });
  fc.assert(law, propertyOptions(200));
});
