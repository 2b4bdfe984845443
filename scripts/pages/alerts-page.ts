import type { AlertRule } from '../../src/core/metrics/metric.ts';
import { metricList } from '../../src/core/metrics/metric-list.ts';

/** `docs/alerts.yml`: the alerts of all metrics, as Prometheus reads them. */
export function alertsPage(): string {
  return [
    '# Rules for Prometheus, to begin with: thresholds are for you to change.',
    '# This file is generated from src/core/metrics/metric-list.ts by `npm run docs`.',
    'groups:',
    '  - name: millrace',
    '    rules:',
    ...metricList.flatMap(({ alerts = [] }) => alerts.flatMap(ruleLines)),
    '',
  ].join('\n');
}

function ruleLines({ name, when, lasting, severity, summary, action }: AlertRule): string[] {
  return [
    `      - alert: ${name}`,
    `        expr: ${quoted(when)}`,
    `        for: ${lasting}`,
    '        labels:',
    `          severity: ${severity}`,
    '        annotations:',
    `          summary: ${quoted(summary)}`,
    `          description: ${quoted(action)}`,
  ];
}

/** A single-quoted scalar of YAML: nothing in it is escaped but its quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
