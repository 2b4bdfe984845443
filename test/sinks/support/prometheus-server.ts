import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { killWithParent } from '../../kafka/support/kill-with-parent.ts';
import { freePorts } from '../../kafka/support/free-ports.ts';

export interface PrometheusOptions {
  /** `host:port` of what is scraped, each second. */
  readonly targets: readonly string[];
  /** The text of a rule file, evaluated each second. */
  readonly rules: string;
}

/** One series of an answer, with its latest value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

/** A Prometheus of one's own on the loopback. */
export interface PrometheusServer {
  query(expression: string): Promise<readonly Series[]>;
  /** Health of each target by its address: 'up', 'down' or 'unknown'. */
  targets(): Promise<ReadonlyMap<string, string>>;
  alerts(): Promise<readonly Alert[]>;
  stop(): Promise<void>;
}

/** Why there is no Prometheus here; null: there is one. */
export function prometheusMissing(): string | null {
  const missing = ['prometheus', 'promtool'].filter(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing.length === 0) return null;
  return `${missing.join(' and ')} missing: apt-get install --no-install-recommends prometheus`;
}

/** What promtool says of a text; code 0: nothing. */
export function promtool(
  args: readonly string[],
  input: string,
): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

/** The same rules, each of which fires after two seconds: their times are for people. */
export function hurriedRules(rules: string): string {
  return rules.replaceAll(/^( +for:) .*$/gm, '$1 2s');
}

/** Starts Prometheus; resolves once it answers. It ends with this process, however that ends. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-prometheus-'));
  const watcher = killWithParent(directory);
  const [port = 0] = await freePorts(1);
  const file = (name: string) => path.join(directory, name);
  mkdirSync(file('data'));
  writeFileSync(file('rules.yml'), options.rules);
  writeFileSync(file('prometheus.yml'), configuration(options.targets));
  const server = spawn(
    'prometheus',
    [
      `--config.file=${file('prometheus.yml')}`,
      `--storage.tsdb.path=${file('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore', detached: true },
  );
  writeFileSync(file('prometheus.pid'), String(server.pid));
  const url = `http://127.0.0.1:${port}`;
  await ready(url, server);
  return {
    ...client(url),
    async stop() {
      const isGone = once(server, 'exit');
      server.kill('SIGTERM');
      await isGone;
      watcher.stdin?.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function configuration(targets: readonly string[]): string {
  const listed = targets.map((target) => `'${target}'`).join(', ');
  return [
    'global: {scrape_interval: 1s, evaluation_interval: 1s}',
    'rule_files: [rules.yml]',
    `scrape_configs: [{job_name: millrace, static_configs: [{targets: [${listed}]}]}]`,
    '',
  ].join('\n');
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Prometheus has ended with code ${server.exitCode}.`);
}

function client(url: string): Omit<PrometheusServer, 'stop'> {
  const get = async <T>(page: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${page}`);
    const { status, data, error } = (await answer.json()) as ApiAnswer<T>; // its documented form
    if (status !== 'success') throw new Error(`Prometheus refuses ${page}: ${error}`);
    return data;
  };
  return {
    async query(expression) {
      const page = `query?query=${encodeURIComponent(expression)}`;
      const { result } = await get<QueryData>(page);
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async targets() {
      const { activeTargets } = await get<TargetsData>('targets');
      return new Map(activeTargets.map(({ labels, health }) => [labels['instance'] ?? '', health]));
    },
    async alerts() {
      const { alerts } = await get<AlertsData>('alerts');
      return alerts.map(({ labels, state }) => ({
        name: labels['alertname'] ?? '',
        state,
        labels,
      }));
    },
  };
}

interface ApiAnswer<T> {
  readonly status: string;
  readonly data: T;
  readonly error?: string;
}

type Labels = Readonly<Record<string, string>>;

interface QueryData {
  readonly result: readonly {
    readonly metric: Labels;
    readonly value: readonly [number, string];
  }[];
}

interface TargetsData {
  readonly activeTargets: readonly { readonly labels: Labels; readonly health: string }[];
}

interface AlertsData {
  readonly alerts: readonly { readonly labels: Labels; readonly state: Alert['state'] }[];
}
