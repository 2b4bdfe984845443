import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Which bytes are waited for: of a request with the text, or the first of the answer to it. */
export interface Watched {
  readonly side: 'request' | 'answer';
  readonly text: string;
  /** So many are let through before. Default 0. */
  readonly skip?: number;
  /** Called before the bytes are handed on. */
  readonly onSeen: () => void;
}

/** The way of one worker to its database, which may stand still or be cut. */
export interface DatabaseLine {
  readonly port: number;
  /** Bytes of that kind, once. */
  watch(watched: Watched): void;
  /** Whatever comes from now on waits, both ways. */
  hold(): void;
  /** What has waited goes on, late. */
  release(): void;
  /** Ends the connections there are. How many there were. */
  cut(): number;
  close(): Promise<void>;
}

interface Side {
  readonly to: Socket;
  readonly waiting: Buffer[];
}

/** What is waited for, with how many are still to be let through. */
class Watches {
  private readonly left = new Map<Watched, number>();

  add(watched: Watched): void {
    this.left.set(watched, watched.skip ?? 0);
  }

  in(request: Buffer): readonly Watched[] {
    return [...this.left.keys()].filter(({ text }) => request.includes(text));
  }

  see(side: Watched['side'], seen: readonly Watched[]): void {
    for (const one of seen) {
      const left = this.left.get(one);
      if (one.side !== side || left === undefined) continue;
      this.left.set(one, left - 1);
      if (left > 0) continue;
      this.left.delete(one);
      one.onSeen();
    }
  }
}

/** Stands before a database whose requests have text in them. */
export async function startDatabaseLine(targetPort: number): Promise<DatabaseLine> {
  const sockets = new Set<Socket>();
  const sides = new Set<Side>();
  let isHeld = false;
  const watches = new Watches();
  const pass = (side: Side, bytes: Buffer): void => {
    if (isHeld) side.waiting.push(bytes);
    else side.to.write(bytes);
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const [forth, back]: [Side, Side] = [
      { to: upstream, waiting: [] },
      { to: client, waiting: [] },
    ];
    sides.add(forth).add(back);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      const end = () => {
        sockets.delete(socket);
        sides.delete(forth);
        sides.delete(back);
        client.destroy();
        upstream.destroy();
      };
      socket.on('error', end).on('close', end);
    }
    let asked: readonly Watched[] = [];
    client.on('data', (bytes: Buffer) => {
      const now = watches.in(bytes);
      asked = [...asked, ...now];
      watches.see('request', now);
      pass(forth, bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      watches.see('answer', asked);
      asked = [];
      pass(back, bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = (): number => {
    const count = sockets.size / 2;
    for (const socket of sockets) socket.destroy();
    return count;
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    watch: (next) => watches.add(next),
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const { to, waiting } of sides) for (const bytes of waiting.splice(0)) to.write(bytes);
    },
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

/**
 * `cut-request`: the database never sees it. `cut-answer`: it does what is asked, and the
 * connection ends instead of the answer. `hold-answer`: nothing more comes until it is released.
 */
export type LineFault = 'cut-request' | 'cut-answer' | 'hold-answer';

/** Strikes the next request with the text, or the answer to it. Resolves when it has. */
export function loseNext(line: DatabaseLine, fault: LineFault, text: string): Promise<void> {
  const side = fault === 'cut-request' ? 'request' : 'answer';
  return new Promise((resolve) => {
    line.watch({
      side,
      text,
      onSeen() {
        if (fault === 'hold-answer') line.hold();
        else line.cut();
        resolve();
      },
    });
  });
}
