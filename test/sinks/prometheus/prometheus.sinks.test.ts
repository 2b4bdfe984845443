import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  embedded,
  type EmbeddedLog,
  memoryBackend,
  run,
  string,
  TopologyBuilder,
  type Worker,
} from '../../../src/index.ts';
import { metricList } from '../../../src/core/metrics/metric-list.ts';
import { feed } from '../../support/log-records.ts';
import {
  hurriedRules,
  prometheusMissing,
  promtool,
  type PrometheusServer,
  startPrometheus,
} from '../support/prometheus-server.ts';

const rulesPath = new URL('../../../docs/alerts.yml', import.meta.url).pathname;
const rules = readFileSync(rulesPath, 'utf8');
const patience = { timeout: 40_000, interval: 200 };
const sent = 600;

const missing = prometheusMissing();
if (missing !== null) console.error(`NOT TESTED with Prometheus: ${missing}`);

let log: EmbeddedLog;
let workers: Worker[];
let prometheus: PrometheusServer;

function topology() {
  const builder = new TopologyBuilder('shop', { deadLetter: 'bad' });
  builder
    .stream('orders', { key: string(), value: string() })
    .groupByKey()
    .count({ name: 'counts' })
    .toStream()
    .to('out');
  return builder.build();
}

const addressOf = ({ httpUrl }: Worker) => new URL(httpUrl ?? '').host;
const firing = async () =>
  (await prometheus.alerts()).filter(({ state }) => state === 'firing').map(({ name }) => name);

describe.skipIf(missing !== null)('three workers before a real Prometheus', () => {
  beforeAll(async () => {
    log = embedded({ partitions: 6 });
    workers = [];
    for (const instanceId of ['one', 'two', 'three']) {
      const times = { heartbeatInterval: '100ms', sessionTimeout: '2s' } as const;
      const options = { log, instanceId, state: memoryBackend(), ...times, http: { port: 0 } };
      workers.push(await run(topology(), options));
    }
    const targets = workers.map(addressOf);
    prometheus = await startPrometheus({ targets, rules: hurriedRules(rules) });
  });

  afterAll(async () => {
    await prometheus?.stop();
    for (const worker of workers) await worker.close();
    await log.close();
  });

  it('have metrics and rules that promtool has nothing to say about', async () => {
    const text = await (await fetch(`${workers[0]?.httpUrl}/metrics`)).text();
    expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
    const { code, output } = promtool(['check', 'rules', rulesPath], '');
    const count = metricList.flatMap(({ alerts = [] }) => alerts).length;
    expect(output).toContain(`SUCCESS: ${count} rules found`);
    expect(code).toBe(0);
  });

  it('are scraped, and their figures together are what was sent', async () => {
    await vi.waitUntil(async () => {
      const health = [...(await prometheus.targets()).values()];
      return health.length === 3 && health.every((own) => own === 'up');
    }, patience);
    const record = (index: number) => ({ key: `k${index}`, value: 'v', timestamp: index });
    await feed(
      log,
      'orders',
      Array.from({ length: sent }, (_, index) => record(index)),
    );
    for (const worker of workers) await worker.caughtUp();
    const valueOf = async (expression: string) => (await prometheus.query(expression))[0]?.value;
    await vi.waitUntil(
      async () => (await valueOf('sum(millrace_records_in_total)')) === sent,
      patience,
    );
    expect(await valueOf('sum(millrace_input_lag_records)')).toBe(0);
    expect(await valueOf('sum(millrace_tasks{state="running"})')).toBe(6);
    expect(await valueOf('max(millrace_application_tasks)')).toBe(6);
    const slowest = 'histogram_quantile(1, sum by (le) (millrace_process_duration_seconds_bucket))';
    expect(await valueOf(slowest)).toBeGreaterThan(0);
    const known = new Set((await prometheus.query('{application="shop"}')).map(seriesName));
    const names = metricList.filter(({ name }) => hasSamples(name)).map(plainName);
    expect([...known]).toEqual(expect.arrayContaining(names));
    expect(await firing()).toEqual([]);
  });

  it('give an alarm when one of them is stopped, and an end of it when it is back', async () => {
    const [first] = workers;
    if (first === undefined) throw new Error('Three workers were started.');
    const port = Number(new URL(first.httpUrl ?? '').port);
    await first.close();
    await vi.waitUntil(async () => (await firing()).includes('MillraceWorkerDown'), patience);
    const alerts = await prometheus.alerts();
    const down = alerts.find(({ name }) => name === 'MillraceWorkerDown');
    expect(down?.labels).toMatchObject({ instance: addressOf(first), severity: 'page' });
    const options = { log, instanceId: 'one', state: memoryBackend(), http: { port } };
    workers[0] = await run(topology(), options);
    await vi.waitUntil(async () => !(await firing()).includes('MillraceWorkerDown'), patience);
  });
});

function seriesName({ labels }: { readonly labels: Readonly<Record<string, string>> }): string {
  return labels['__name__'] ?? '';
}

/** Here nothing is dropped, delivered to a sink or kept on disk. */
function hasSamples(name: string): boolean {
  return !/sink|dropped|dead_letters|node_events|state_bytes/.test(name);
}

function plainName({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === 'histogram' ? `${name}_count` : name;
}
