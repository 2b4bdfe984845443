import { createHash } from 'node:crypto';
import { createServer, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layeredLayout } from '../../../examples/content-platform/page/layered-layout.ts';
import { openPage, type PlatformPage } from '../../../examples/content-platform/page/server.ts';
import { topologyGraph } from '../../../examples/content-platform/page/topology-graph.ts';
import type { Snapshot } from '../../../examples/content-platform/snapshot.ts';
import { contentPlatform } from '../../../examples/content-platform/topology.ts';

const nowhere = { kind: 'unknown', country: null, region: null, city: null } as const;
const topology = contentPlatform({ geo: { lookup: () => nowhere } });

const snapshot: Snapshot = {
  ...{ processed: 1, written: 1, perSecond: 0, accepted: 1, quarantined: 0, duplicates: 0 },
  ...{ late: 0, activeSessions: 1, openSessions: 1, endedSessions: 0, eventTimeMs: 0 },
  ...{ reasons: [], days: [], posts: [], countries: [], blocked: [], topics: {} },
};

describe('The page', () => {
  let page: PlatformPage;
  beforeAll(async () => {
    page = await openPage({ topology, port: 0, takesNextPort: false });
  });
  afterAll(() => page.close());

  const ask = async (path: string, host?: string): Promise<IncomingMessage> => {
    const headers = host === undefined ? {} : { host };
    const request = get(new URL(path, page.url), { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage]; // of that event
    return response;
  };

  it('runs its own style and script, and nothing else', async () => {
    const response = await fetch(page.url);
    const html = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const element of ['style', 'script']) {
      const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(html) ?? [];
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/ (?:src|style|on[a-z]+)=/);
  });

  it('is for this machine alone, under its own name, and only to be read', async () => {
    expect((await ask('/')).statusCode).toBe(200);
    expect((await ask('/', 'somewhere.example')).statusCode).toBe(403);
    expect((await ask('/events', 'somewhere.example')).statusCode).toBe(403);
    expect((await ask('/else')).statusCode).toBe(404);
    expect((await fetch(page.url, { method: 'POST' })).status).toBe(405);
  });

  it('sends the last snapshot to each who comes, and each new one', async () => {
    page.publish(snapshot);
    const response = await ask('/events');
    const [first] = (await once(response, 'data')) as [Buffer]; // a chunk
    expect(first.toString()).toBe(`data: ${JSON.stringify(snapshot)}\n\n`);
    page.publish({ ...snapshot, processed: 2 });
    const [second] = (await once(response, 'data')) as [Buffer]; // a chunk
    expect(second.toString()).toContain('"processed":2');
    response.destroy();
  });

  it('takes the next port where one is taken, unless it was asked for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(openPage({ topology, port, takesNextPort: false })).rejects.toThrow(
      `The port ${port} is taken`,
    );
    const next = await openPage({ topology, port, takesNextPort: true });
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port);
    await next.close();
    taken.close();
  });
});

describe('The picture of the topology', () => {
  const { nodes, edges } = topologyGraph(topology);

  it('shows each topic once, and what leads from the input to it', () => {
    const labels = nodes.map(({ label }) => label);
    const drawn = nodes.flatMap(({ topic }) => (topic === null ? [] : [topic]));
    expect(new Set(drawn).size).toBe(drawn.length);
    const reached = new Set(['topic events']);
    for (const [from, to] of edges) if (reached.has(from)) reached.add(to);
    expect(nodes.filter(({ id }) => !reached.has(id))).toEqual([]);
    for (const label of ['geo', 'rules', 'events-quarantine', 'sessions-by-visitor']) {
      expect(labels).toContain(label);
    }
  });

  it('draws each box behind those that lead to it, and none over another', () => {
    const width = 100;
    const boxes = nodes.map(({ id }) => ({ id, width }));
    const { places, lines } = layeredLayout(boxes, edges);
    const at = (id: string) => places.get(id) ?? { x: 0, y: 0 };
    for (const [from, to] of edges) expect(at(to).x).toBeGreaterThan(at(from).x + width);
    for (const { id } of nodes) {
      const touching = nodes.filter(
        (other) =>
          other.id !== id &&
          at(other.id).x === at(id).x &&
          Math.abs(at(other.id).y - at(id).y) < 40,
      );
      expect(touching).toEqual([]);
    }
    for (const [index, [from, to]] of edges.entries()) {
      expect(lines[index]?.[0]).toEqual({ x: at(from).x + width, y: at(from).y });
      expect(lines[index]?.at(-1)).toEqual(at(to));
    }
  });
});
