import type { Metric } from '../../src/core/metrics/metric.ts';
import { metricGroups } from '../../src/core/metrics/metric-list.ts';

/** `docs/METRICS.md`: all metrics with their labels, and the rules that watch them. */
export function metricsPage(): string {
  return [
    '# Metrics',
    '',
    'What a worker answers on `/metrics` where it was given `http`. Each metric has the label',
    '`application` too. Counters hold what is committed, so none ever goes back while the process',
    'lives; what a worker has lost to another goes on there. No label holds a key or a value of a',
    'record. [alerts.yml](alerts.yml) has the alerts as rules for Prometheus,',
    '[OPERATIONS.md](OPERATIONS.md#what-to-watch-at-night) says which of them wake somebody.',
    '',
    'This page is generated from `src/core/metrics/metric-list.ts` by `npm run docs`.',
    ...metricGroups.flatMap(({ title, metrics }) => ['', `## ${title}`, '', ...table(metrics)]),
    '',
  ].join('\n');
}

function table(metrics: readonly Metric[]): readonly string[] {
  const rows = metrics.map(({ name, type, labels, help, alerts = [] }) => {
    const cells = [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
      alerts.map((alert) => alert.name).join(', '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| name | type | labels | what | alerts |', '| --- | --- | --- | --- | --- |', ...rows];
}
