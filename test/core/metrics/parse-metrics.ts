/** A metric as its text says. */
export interface ParsedMetric {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const helpLine = new RegExp(`^# HELP (${name}) (.+)$`);
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram)$`);
const sampleLine = new RegExp(`^(${name})(?:\\{(.*)\\})? (\\S+)$`);
const labelPart = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const number = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|[+-]Inf|NaN)$/i;

/**
 * Reads Prometheus' text format 0.0.4, strictly: help and type before the samples, each metric in
 * one piece, no sample twice. Throws what is wrong.
 */
export function parseMetrics(text: string): ReadonlyMap<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const metrics = new Map<string, { type: string; help: string; samples: ParsedSample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n').filter((own) => own !== '')) {
    const [, helped, help = ''] = helpLine.exec(line) ?? [];
    const [, typed, type = ''] = typeLine.exec(line) ?? [];
    if (helped !== undefined) {
      if (metrics.has(helped)) throw new Error(`${helped} is there twice.`);
      metrics.set((current = helped), { type: '', help, samples: [] });
    } else if (typed !== undefined) {
      const metric = metrics.get(typed);
      if (typed !== current || metric?.type !== '') throw new Error(`A type out of place: ${line}`);
      metric.type = type;
    } else {
      const sample = sampleOf(line);
      const metric = metrics.get(current);
      if (metric === undefined || !belongs(sample, current, metric.type)) {
        throw new Error(`A sample out of place: ${line}`);
      }
      const identity = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(identity)) throw new Error(`A sample is there twice: ${line}`);
      seen.add(identity);
      metric.samples.push(sample);
    }
  }
  return metrics;
}

/** The value of the one sample of a metric that has these labels. */
export function valueOf(
  metrics: ReadonlyMap<string, ParsedMetric>,
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...metrics.values()].flatMap((own) => own.samples);
  const found = samples.filter(
    (own) =>
      own.name === metric &&
      Object.entries(labels).every(([label, value]) => own.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${metric} ${JSON.stringify(labels)} is not one sample.`);
  return found[0]?.value;
}

/** Of all samples of a metric. */
export function sumOf(metrics: ReadonlyMap<string, ParsedMetric>, metric: string): number {
  const samples = metrics.get(metric)?.samples ?? [];
  return samples.reduce((sum, { value }) => sum + value, 0);
}

function sampleOf(line: string): ParsedSample {
  const [, sample, labels = '', value = ''] = sampleLine.exec(line) ?? [];
  if (sample === undefined || !number.test(value)) throw new Error(`No sample: ${line}`);
  return {
    name: sample,
    labels: labelsOf(labels, line),
    value: Number(value.replace('Inf', 'Infinity')),
  };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const [part = '', label = '', value = ''] = labelPart.exec(rest) ?? [];
    if (part === '' || Object.hasOwn(labels, label)) throw new Error(`Bad labels: ${line}`);
    labels[label] = value.replace(/\\(["\\n])/g, (_, own: string) => (own === 'n' ? '\n' : own));
    rest = rest.slice(part.length);
  }
  return labels;
}

function belongs({ name: sample, labels }: ParsedSample, metric: string, type: string): boolean {
  if (type !== 'histogram') return sample === metric;
  if (sample === `${metric}_bucket`) return labels['le'] !== undefined;
  return sample === `${metric}_sum` || sample === `${metric}_count`;
}
