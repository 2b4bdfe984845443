import { type Metric as PromMetric, Registry } from 'prom-client';
import type { Histogram } from '../model/histogram.ts';
import type { Metric, Sample } from './metric.ts';
import { metricList } from './metric-list.ts';
import type { WorkerReading } from './worker-reading.ts';

/** The metrics of one worker, as text for Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  of(reading: WorkerReading): Promise<string>;
}

export function metricsText(application: string): MetricsText {
  const registry = new Registry();
  let current: WorkerReading | null = null;
  registry.setDefaultLabels({ application });
  for (const metric of metricList) {
    const { name, help, type } = metric;
    const get = async () => {
      return { name, help, type, values: current === null ? [] : valuesOf(metric, current) };
    };
    // All that a registry asks of a metric. Those of prom-client cannot be given a histogram.
    registry.registerMetric({ name, get } as unknown as PromMetric); // has what is asked for
  }
  return {
    contentType: registry.contentType,
    of(reading) {
      current = reading;
      return registry.metrics();
    },
  };
}

/** A line of the text; `metricName` where that is not the metric's own. */
interface Line extends Sample<number> {
  readonly metricName?: string;
}

function valuesOf(metric: Metric, reading: WorkerReading): readonly Line[] {
  if (metric.type !== 'histogram') return metric.read(reading);
  return metric
    .read(reading)
    .flatMap(({ labels, value }) => histogramLines(metric.name, labels, value));
}

function histogramLines(
  name: string,
  labels: Sample<number>['labels'],
  { bounds, counts, sum }: Histogram,
): readonly Line[] {
  let total = 0;
  const buckets = counts.map((count, place): Line => {
    total += count;
    const le = bounds[place]?.toString() ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: Object.assign({ le }, labels), value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
