import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const lowestPort = 12_000;
const highestPort = 32_000;

/**
 * Ports on the loopback that nobody listens on. Below the range from which systems take the ports
 * of clients, so that one is still free when a broker comes back to it.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    const server = await listenOn(port);
    if (server === null) continue;
    servers.push(server);
    ports.push(port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

async function listenOn(port: number): Promise<Server | null> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
}
