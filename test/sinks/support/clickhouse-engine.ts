import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What goes wrong with one insert, after `skip` others. */
export interface ClickhouseFault {
  readonly kind:
    'drop-before' | 'commit-then-drop' | 'die-before' | 'commit-then-die' | 'hold' | 'error';
  readonly skip?: number;
  /** Of an error: the number and the name of it. */
  readonly code?: number;
  readonly type?: string;
}

/** The engine of ClickHouse behind its HTTP interface, in a process that may be killed. */
export interface ClickhouseEngine {
  readonly url: string;
  /** The first column of the result's rows as text, or all columns with tabs. */
  query(sql: string): Promise<readonly string[]>;
  inject(...faults: readonly ClickhouseFault[]): Promise<void>;
  /** Lets inserts go on that a fault holds. */
  release(): Promise<void>;
  /** The parameters of all inserts since the start, with their size. */
  inserts(): Promise<readonly Readonly<Record<string, string | number>>[]>;
  kill(): Promise<void>;
  /** With the same data and the same address, after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClickhouseEngineOptions {
  readonly password?: string;
}

/** Says what is missing where the engine is not installed, as `test:sinks` does by itself. */
export async function startClickhouse({
  password = '',
}: ClickhouseEngineOptions = {}): Promise<ClickhouseEngine> {
  const shim = shimPath();
  const directory = mkdtempSync(join(tmpdir(), 'millrace-clickhouse-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  let { child, port } = await start(shim, [data, '0', password]);
  const request = async (path: string, body = ''): Promise<string> => {
    const authorization = `Basic ${Buffer.from(`default:${password}`).toString('base64')}`;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body,
      headers: { authorization },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    async query(sql) {
      const text = await request('/', sql);
      return text === '' ? [] : text.replace(/\n$/, '').split('\n');
    },
    async inject(...faults) {
      const bodies = faults.map((fault) => ({ skip: 0, ...fault }));
      await request('/control/faults', JSON.stringify(bodies));
    },
    async release() {
      await request('/control/release');
    },
    async inserts() {
      return JSON.parse(await request('/control/inserts')) as Record<string, string | number>[];
    },
    kill,
    async restart() {
      await kill();
      ({ child, port } = await start(shim, [data, String(port), password]));
    },
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

async function start(shim: string, args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [shim, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  return new Promise((resolve, reject) => {
    const append = (chunk: Buffer): void => {
      output += chunk.toString();
      const [, port] = /listening on (\d+)/.exec(output) ?? [];
      if (port !== undefined) resolve({ child, port: Number(port) });
    };
    child.stdout.on('data', append);
    child.stderr.on('data', append);
    child.once('exit', () => reject(new Error(`The ClickHouse engine ended:\n${output}`)));
  });
}

/** Beside the sources, also for what is compiled into `.build`. */
function shimPath(): string {
  const own = dirname(fileURLToPath(import.meta.url));
  const folder = own.replace(/([\\/])\.build[\\/]/, '$1');
  const shim = join(folder, 'clickhouse-shim.mjs');
  if (!existsSync(join(folder, '..', 'node_modules', 'chdb'))) {
    throw new Error('The ClickHouse engine is missing: run `npm ci` in test/sinks.');
  }
  return shim;
}
