import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePorts } from '../../kafka/support/free-ports.ts';
import { killWithParent } from '../../kafka/support/kill-with-parent.ts';

const home = '/usr/lib/postgresql';
const patienceMs = 30_000;

/** Null where none is installed, which is said once and loudly. */
export const postgresBinaries = findBinaries();

function findBinaries(): string | null {
  const versions = existsSync(home) ? readdirSync(home).map(Number) : [];
  const newest = versions.sort((a, b) => b - a).map((one) => join(home, `${one}`, 'bin'))[0];
  const found = process.env.POSTGRES_BIN ?? newest ?? null;
  if (found !== null && existsSync(join(found, 'initdb'))) return found;
  console.error(
    'NO POSTGRESQL HERE: its tests are skipped. Run `bash test/sinks/install.sh` as root on Debian, ' +
      'or set POSTGRES_BIN to the folder of initdb.',
  );
  return null;
}

/** A server of its own below a temporary directory; one process after another. */
export class PostgresServer {
  private child: ChildProcess | null = null;
  private databases = 0;
  private readonly watcher: ChildProcess;

  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly binaries: string,
  ) {
    this.watcher = killWithParent(directory);
  }

  static async start(): Promise<PostgresServer> {
    if (postgresBinaries === null) throw new Error('PostgreSQL is not installed.');
    const directory = mkdtempSync(join(tmpdir(), 'millrace-pg-'));
    const { uid, gid } = owner();
    if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
    const [port = 0] = await freePorts(1);
    const server = new PostgresServer(directory, port, postgresBinaries);
    const options = ['-U', 'test', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
    const command = ['-D', server.data, ...options];
    execFileSync(join(postgresBinaries, 'initdb'), command, { uid, gid, cwd: directory });
    const rules = join(server.data, 'pg_hba.conf');
    writeFileSync(rules, `host all locked all scram-sha-256\n${readFileSync(rules, 'utf8')}`);
    await server.restart();
    return server;
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  /** Of a new and empty database. */
  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test_${this.databases}`;
    await this.run(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(database = 'postgres', user = 'test', port = this.port): string {
    return `postgres://${user}@127.0.0.1:${port}/${database}`;
  }

  /** In the database `postgres`, as superuser. */
  async run(text: string): Promise<void> {
    await query(this.url(), text);
  }

  /** Starts it and waits until it takes connections; after a kill it first recovers. */
  async restart(): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      // What a killed server leaves has to be gone first: until then the new one exits at once.
      if (this.child === null) this.spawn();
      const isReady = await query(this.url(), 'SELECT 1').then(
        () => true,
        () => false,
      );
      if (isReady) return;
      await sleep(50);
    }
    throw new Error(`PostgreSQL does not start:\n${this.logTail()}`);
  }

  /** As if the machine had lost its power. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGINT');
    this.watcher.stdin?.end();
  }

  private spawn(): void {
    const { directory, port } = this;
    const settings = ['listen_addresses=127.0.0.1', 'shared_buffers=64MB', 'max_wal_size=1GB'];
    const options = ['-D', this.data, '-k', directory, '-p', `${port}`];
    const log = openSync(this.logFile, 'a');
    const child = spawn(
      join(this.binaries, 'postgres'),
      [...options, ...settings.flatMap((setting) => ['-c', setting])],
      { stdio: ['ignore', log, log], detached: true, cwd: directory, ...owner() },
    );
    const pidFile = join(directory, 'server.pid');
    writeFileSync(pidFile, `${child.pid}\n`);
    child.once('exit', () => {
      rmSync(pidFile, { force: true });
      if (this.child === child) this.child = null;
    });
    child.unref();
    this.child = child;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === null) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  private get logFile(): string {
    return join(this.directory, 'server.log');
  }

  private logTail(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-30).join('\n');
  }
}

/** PostgreSQL refuses to run as root. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** One connection, one text, its last result's rows. */
export async function query<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const results = [await client.query(text, values)].flat();
    return (results.at(-1)?.rows ?? []) as Row[];
  } finally {
    await client.end();
  }
}
