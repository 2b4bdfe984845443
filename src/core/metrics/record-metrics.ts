import { grownBy, type LabelName, type Metric, type Sample } from './metric.ts';
import type { NodeCount, TaskCounts } from './worker-reading.ts';

/** What became of the records. What is not committed is not counted yet. */
export const recordMetrics: readonly Metric[] = [
  {
    name: 'millrace_records_in_total',
    type: 'counter',
    help: 'Records taken from input and repartition topics',
    labels: ['task'],
    read: ({ counts }) => byTask(counts, ({ recordsIn }) => recordsIn),
  },
  {
    name: 'millrace_records_out_total',
    type: 'counter',
    help: 'Records written to output and repartition topics',
    labels: ['task'],
    read: ({ counts }) => byTask(counts, ({ recordsOut }) => recordsOut),
  },
  {
    name: 'millrace_records_dropped_total',
    type: 'counter',
    help: 'Records refused by a node, by the reason',
    labels: ['node', 'reason'],
    read: ({ dropped }) => byNode(dropped, 'reason'),
    alerts: [
      {
        name: 'MillraceRecordsLate',
        when:
          'sum by (application) (rate(millrace_records_dropped_total{reason="late"}[15m])) > ' +
          '0.01 * sum by (application) (rate(millrace_records_in_total[15m]))',
        lasting: '15m',
        severity: 'ticket',
        summary: 'More than one in a hundred records comes too late',
        action:
          'A producer is behind, or one with a clock ahead has closed the windows of all. Mend ' +
          'it, or raise the grace of the windows.',
      },
    ],
  },
  {
    name: 'millrace_dead_letters_total',
    type: 'counter',
    help: 'Records written to the dead-letter topic, by the code of the error or the reason',
    labels: ['node', 'code'],
    read: ({ deadLetters }) => byNode(deadLetters, 'code'),
    alerts: [
      {
        name: 'MillraceDeadLetters',
        when: `sum by (application, node, code) (${grownBy('millrace_dead_letters_total', '10m')}) > 0`,
        lasting: '0s',
        severity: 'ticket',
        summary: 'Records go to the dead-letter topic',
        action: '`millrace dlq APP` counts them, `show` tells why, `replay` sends them back.',
      },
    ],
  },
  {
    name: 'millrace_records_forced_total',
    type: 'counter',
    help: 'Records taken after maxTaskIdle although another input might still have had older ones',
    labels: ['task'],
    read: ({ counts }) => byTask(counts, ({ forced }) => forced),
  },
  {
    name: 'millrace_node_events_total',
    type: 'counter',
    help: 'What a node counts that is no drop, such as retries of calls and late windows',
    labels: ['node', 'counter'],
    read: ({ counted }) => byNode(counted, 'counter'),
  },
  {
    name: 'millrace_process_duration_seconds',
    type: 'histogram',
    help: 'How long a record takes in its task, timers and scans included; one in 64 is measured',
    labels: ['sub_topology'],
    read: ({ latencies }) =>
      latencies.map(({ subTopology, process }) => {
        return { labels: { sub_topology: subTopology }, value: process };
      }),
  },
  {
    name: 'millrace_end_to_end_latency_seconds',
    type: 'histogram',
    help: 'From the timestamp of a record until it is committed; one in 64 is measured',
    labels: ['sub_topology'],
    read: ({ latencies }) =>
      latencies.map(({ subTopology, endToEnd }) => {
        return { labels: { sub_topology: subTopology }, value: endToEnd };
      }),
  },
];

function byTask(
  counts: readonly TaskCounts[],
  valueOf: (counts: TaskCounts) => number,
): readonly Sample<number>[] {
  return counts.map((own) => ({ labels: { task: own.task }, value: valueOf(own) }));
}

function byNode(counts: readonly NodeCount[], label: LabelName): readonly Sample<number>[] {
  return counts.map(({ node, what, count }) => ({ labels: { node, [label]: what }, value: count }));
}
