import { type AlertRule, grownBy, type Metric } from './metric.ts';
import type { SinkReading } from './worker-reading.ts';

const blocked: AlertRule = {
  name: 'MillraceSinkBlocked',
  when: 'max by (application, sink) (millrace_sink_oldest_waiting_seconds) > 300',
  lasting: '5m',
  severity: 'page',
  summary: 'Rows wait for their database',
  action:
    'The log says what the database answered. Rows are kept in the outbox and delivered once it ' +
    'takes them again; until then the application stands still behind them.',
};

const refused: AlertRule = {
  name: 'MillraceSinkRefusesRows',
  when: `sum by (application, sink) (${grownBy('millrace_sink_rows_refused_total', '10m')}) > 0`,
  lasting: '0s',
  severity: 'ticket',
  summary: 'A database refuses rows for their content',
  action:
    'They are in the dead-letter topic with the answer of the database: `millrace dlq show`. ' +
    'Change the table, or what makes the rows.',
};

/** What was delivered to the systems behind sinks. */
export const sinkMetrics: readonly Metric[] = [
  counter('millrace_sink_rows_total', 'Rows that are surely applied', ({ rows }) => rows),
  counter('millrace_sink_batches_total', 'Batches applied', ({ batches }) => batches),
  counter(
    'millrace_sink_duplicates_total',
    'Batches that an earlier attempt had applied already',
    ({ duplicates }) => duplicates,
  ),
  counter(
    'millrace_sink_retries_total',
    'Attempts that failed with an unknown outcome and were repeated',
    ({ retries }) => retries,
  ),
  {
    ...counter(
      'millrace_sink_rows_refused_total',
      'Rows refused for their content',
      (sink) => sink.refused,
    ),
    alerts: [refused],
  },
  {
    name: 'millrace_sink_oldest_waiting_seconds',
    type: 'gauge',
    help: 'How long the oldest row waits that is not applied yet; 0: none waits',
    labels: ['sink'],
    read: ({ sinks }) =>
      sinks.map(({ sink, oldestWaitingMs }) => {
        return { labels: { sink }, value: (oldestWaitingMs ?? 0) / 1_000 };
      }),
    alerts: [blocked],
  },
  {
    name: 'millrace_sink_applying',
    type: 'gauge',
    help: 'Outbox partitions whose batch is on its way to the database',
    labels: ['sink'],
    read: ({ sinks }) => sinks.map(({ sink, applying }) => ({ labels: { sink }, value: applying })),
  },
];

function counter(name: string, help: string, valueOf: (sink: SinkReading) => number): Metric {
  return {
    name,
    type: 'counter',
    help,
    labels: ['sink'],
    read: ({ sinks }) => sinks.map((own) => ({ labels: { sink: own.sink }, value: valueOf(own) })),
  };
}
