import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../../kafka/support/free-ports.ts';
import { killWithParent } from '../../kafka/support/kill-with-parent.ts';

const execute = promisify(execFile);

const version = '3.0.9';
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');
const startMs = 90_000;

/** Apicurio Registry, which speaks Confluent's REST interface; its schemas lie in memory. */
export interface RegistryServer {
  /** The base address for clients. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What keeps the server from running here, for a test that says so loudly; null: nothing does. */
export async function registryMissing(): Promise<string | null> {
  for (const tool of existsSync(folder) ? ['java'] : ['java', 'mvn']) {
    try {
      await execute(tool, ['-version']);
    } catch {
      return `'${tool}' was not found: install Java 17 or later, and Maven`;
    }
  }
  return null;
}

export async function startRegistry(): Promise<RegistryServer> {
  await fetchServer();
  const directory = await mkdtemp(join(tmpdir(), 'millrace-registry-'));
  const watcher = killWithParent(directory);
  const [port = 0] = await freePorts(1);
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': String(port),
    'quarkus.http.access-log.enabled': 'false',
  };
  const child = spawn(
    'java',
    [
      '-Xmx384m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      '-jar',
      `apicurio-registry-app-${version}-runner.jar`,
    ],
    { cwd: folder, stdio: 'ignore', detached: true },
  );
  await writeFile(join(directory, 'registry.pid'), `${child.pid}\n`);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    watcher.stdin?.end();
  };
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  for (const deadline = Date.now() + startMs; ;) {
    const isReady = await fetch(`${url}/subjects`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The registry did not start within ${startMs} ms.`);
    }
    await sleep(100);
  }
}

const folder = join(cache, `apicurio-registry-${version}`);

/** From the cache of this user, or fetched with Maven: 109 MB. */
async function fetchServer(): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, '.fetching-'));
  try {
    const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
    const goal = ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${staging}`];
    await execute('mvn', ['-q', '-B', ...goal]);
    const archive = join(staging, `apicurio-registry-app-${version}-all.tar.gz`);
    const unpacked = join(staging, 'server');
    await mkdir(unpacked);
    await execute('tar', ['xzf', archive, '-C', unpacked]);
    await rename(unpacked, folder).catch((error: unknown) => {
      // Another run was faster; its folder is whole, as this one is.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
