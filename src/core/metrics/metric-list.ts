import type { Metric } from './metric.ts';
import { processMetrics } from './process-metrics.ts';
import { recordMetrics } from './record-metrics.ts';
import { sinkMetrics } from './sink-metrics.ts';
import { taskMetrics } from './task-metrics.ts';
import { workerMetrics } from './worker-metrics.ts';

/** Metrics that belong together, under the heading that docs/METRICS.md gives them. */
export interface MetricGroup {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

/** All there is: `/metrics`, docs/METRICS.md and docs/alerts.yml are made of it. */
export const metricGroups: readonly MetricGroup[] = [
  { title: 'The worker', metrics: workerMetrics },
  { title: 'Records', metrics: recordMetrics },
  { title: 'Tasks', metrics: taskMetrics },
  { title: 'Sinks', metrics: sinkMetrics },
  { title: 'The process', metrics: processMetrics },
];

export const metricList: readonly Metric[] = metricGroups.flatMap(({ metrics }) => metrics);
