import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const keepAliveDelayMs = 60_000;

/** The sockets of one set of connections: all can be broken at once, none is opened after that. */
export interface SocketSet {
  readonly open: ISocketFactory;
  /** Resolves when every socket is gone. */
  close(): Promise<void>;
}

export function createSocketSet(): SocketSet {
  const sockets = new Set<net.Socket>();
  let isClosed = false;
  return {
    open({ host, port, ssl, onConnect }) {
      if (isClosed) throw new Error('the connections are closed');
      const usesTls = Boolean(ssl as unknown); // null without, which kafkajs' types do not know
      const socket = usesTls
        ? tls.connect(tlsOptions(host, port, ssl), onConnect)
        : net.connect({ host, port }, onConnect);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      reportClose(socket);
      // Nagle's algorithm holds the second of two requests in flight back for 40 ms.
      return socket.setNoDelay(true).setKeepAlive(true, keepAliveDelayMs);
    },
    async close() {
      isClosed = true;
      await Promise.all(Array.from(sockets, breakSocket));
    },
  };
}

function tlsOptions(host: string, port: number, ssl: tls.ConnectionOptions | boolean) {
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  return { host, port, ...name, ...(typeof ssl === 'boolean' ? {} : ssl) };
}

/** kafkajs hears 'end' and 'error' only: a socket that just closes would count as connected. */
function reportClose(socket: net.Socket): void {
  let hasEnded = false;
  socket.once('end', () => {
    hasEnded = true;
  });
  socket.once('close', (hadError) => {
    if (!hadError && !hasEnded) socket.emit('error', new Error('closed'));
  });
}

function breakSocket(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy(new Error('closed by this client'));
  });
}
