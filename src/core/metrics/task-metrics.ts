import { type Metric, only } from './metric.ts';

/** How far tasks are, and what they hold. */
export const taskMetrics: readonly Metric[] = [
  {
    name: 'millrace_input_lag_records',
    type: 'gauge',
    help: 'Offsets between what was taken and the end of the partition, as of the last fetch',
    labels: ['task', 'topic', 'partition'],
    read: ({ tasks }) =>
      tasks.flatMap(({ id, lags }) =>
        lags.map(({ topic, partition, records }) => {
          return { labels: { task: id, topic, partition: String(partition) }, value: records };
        }),
      ),
    alerts: [
      {
        name: 'MillraceLagGrows',
        when:
          'sum by (application, topic) (millrace_input_lag_records) > 10000 and ' +
          'sum by (application, topic) (deriv(millrace_input_lag_records[15m])) > 0',
        lasting: '30m',
        severity: 'ticket',
        summary: 'An application falls behind its input',
        action:
          'More comes than is processed: start more workers, up to one per partition, or look ' +
          'at millrace_process_duration_seconds and millrace_sink_oldest_waiting_seconds.',
      },
      {
        name: 'MillraceNoProgress',
        when:
          'sum by (application, task) (millrace_input_lag_records) > 0 and ' +
          'sum by (application, task) (rate(millrace_records_in_total[10m])) == 0',
        lasting: '10m',
        severity: 'page',
        summary: 'A task has input, and takes nothing of it',
        action:
          'A commit, a call or a sink does not come to its end, or a transaction of a producer ' +
          'hangs: look at the warnings in the log and at the brokers.',
      },
    ],
  },
  {
    name: 'millrace_stream_time_lag_seconds',
    type: 'gauge',
    help: 'How far the stream time of a task is behind the clock; grows while nothing comes',
    labels: ['task'],
    read: ({ tasks, wallClockTimeMs }) =>
      tasks
        .filter(({ streamTimeMs }) => streamTimeMs >= 0)
        .map(({ id, streamTimeMs }) => {
          return { labels: { task: id }, value: (wallClockTimeMs - streamTimeMs) / 1_000 };
        }),
  },
  {
    name: 'millrace_buffered_records',
    type: 'gauge',
    help: 'Records fetched and not taken yet',
    labels: ['task'],
    read: ({ tasks }) =>
      tasks.map(({ id, bufferedRecords }) => ({ labels: { task: id }, value: bufferedRecords })),
  },
  {
    name: 'millrace_uncommitted_bytes',
    type: 'gauge',
    help: 'State and output of all tasks since their last commit was prepared, about',
    labels: [],
    read: ({ tasks }) =>
      only(tasks.reduce((sum, { uncommittedBytes }) => sum + uncommittedBytes, 0)),
  },
  {
    name: 'millrace_restore_remaining_records',
    type: 'gauge',
    help: 'At most so many records of its changelogs are to be read before the task runs',
    labels: ['task'],
    read: ({ tasks }) =>
      tasks.flatMap(({ id, recordsToRestore }) =>
        recordsToRestore === null ? [] : [{ labels: { task: id }, value: recordsToRestore }],
      ),
  },
  {
    name: 'millrace_restored_records_total',
    type: 'counter',
    help: 'Records read from changelogs to restore tasks',
    labels: [],
    read: ({ restoredRecords }) => only(restoredRecords),
  },
  {
    name: 'millrace_state_bytes',
    type: 'gauge',
    help: 'The files of the local state of a task; looked at every 15 seconds at most',
    labels: ['task'],
    read: ({ tasks }) =>
      tasks.flatMap(({ id, stateBytes }) =>
        stateBytes === null ? [] : [{ labels: { task: id }, value: stateBytes }],
      ),
  },
];
