import { type Metric, only } from './metric.ts';

const workerStates = ['starting', 'running', 'closing'];
const taskStates = ['created', 'restoring', 'running', 'cut-off', 'closing'];

/** The worker and the tasks it has. */
export const workerMetrics: readonly Metric[] = [
  {
    name: 'millrace_worker_info',
    type: 'gauge',
    help: 'Always 1; its label names the worker to the group and to the log',
    labels: ['worker'],
    read: ({ worker }) => [{ labels: { worker }, value: 1 }],
    alerts: [
      {
        name: 'MillraceWorkerDown',
        when: 'up == 0 and on (job, instance) last_over_time(millrace_worker_info[1h])',
        lasting: '1m',
        severity: 'page',
        summary: 'A worker that answered within the last hour does not answer',
        action:
          'Its tasks go to others after the session time-out. Look at the exit code and the last ' +
          'log lines of its process, and start it again.',
      },
    ],
  },
  {
    name: 'millrace_worker_state',
    type: 'gauge',
    help: '1 for the state that the worker is in, else 0',
    labels: ['state'],
    read: ({ state }) =>
      workerStates.map((name) => ({ labels: { state: name }, value: name === state ? 1 : 0 })),
  },
  {
    name: 'millrace_tasks',
    type: 'gauge',
    help: 'Tasks of this worker in the state; cut-off: the group is silent, nothing is committed',
    labels: ['state'],
    read: ({ tasks }) =>
      taskStates.map((state) => ({
        labels: { state },
        value: tasks.filter((task) => task.state === state).length,
      })),
  },
  {
    name: 'millrace_application_tasks',
    type: 'gauge',
    help: 'Tasks of the application on all its workers together; the same everywhere',
    labels: [],
    read: ({ applicationTasks }) => only(applicationTasks),
    alerts: [
      {
        name: 'MillraceTasksNotRunning',
        when:
          'sum by (application) (millrace_tasks{state="running"}) < ' +
          'max by (application) (millrace_application_tasks)',
        lasting: '5m',
        severity: 'page',
        summary: 'Some tasks run on no worker',
        action:
          'While millrace_restore_remaining_records falls, wait. Else look for workers that are ' +
          'down, for a log that does not answer, and for workers with another topology.',
      },
    ],
  },
  {
    name: 'millrace_copies',
    type: 'gauge',
    help: "Copies of other workers' states that are kept here",
    labels: ['kind'],
    read: ({ copies }) =>
      ['standby', 'warm-up'].map((kind) => ({
        labels: { kind },
        value: copies.filter((copy) => copy.kind === kind).length,
      })),
  },
  {
    name: 'millrace_rebalances_total',
    type: 'counter',
    help: 'Assignments that the group has given to this worker',
    labels: [],
    read: ({ rebalances }) => only(rebalances),
    alerts: [
      {
        name: 'MillraceRebalancesOften',
        when: 'increase(millrace_rebalances_total[15m]) > 10',
        lasting: '5m',
        severity: 'ticket',
        summary: 'The tasks move all the time',
        action:
          'A worker comes and goes: look for restarts, and for workers whose event loop stands ' +
          'still for longer than the session time-out.',
      },
    ],
  },
  {
    name: 'millrace_recoveries_total',
    type: 'counter',
    help: 'How often all tasks went back to their last commit after an error of the log or a store',
    labels: [],
    read: ({ recoveries }) => only(recoveries),
    alerts: [
      {
        name: 'MillraceRecoveriesOften',
        when: 'increase(millrace_recoveries_total[15m]) > 3',
        lasting: '0s',
        severity: 'ticket',
        summary: 'A worker goes back to its last commit again and again',
        action:
          "Nothing is lost or doubled, but work is done twice. The log line 'Going back to the " +
          "last commit' and lastRecovery in /status say why.",
      },
    ],
  },
  {
    name: 'millrace_commit_duration_seconds',
    type: 'histogram',
    help: 'From the close of a commit interval until it is durable in the log and in the stores',
    labels: [],
    read: ({ commitSeconds }) => only(commitSeconds),
    alerts: [
      {
        name: 'MillraceCommitsSlow',
        when:
          'histogram_quantile(0.99, sum by (application, le) ' +
          '(rate(millrace_commit_duration_seconds_bucket[5m]))) > 5',
        lasting: '10m',
        severity: 'ticket',
        summary: 'Commits take seconds',
        action:
          'Look at the brokers (replicas that are behind, full disks) and at the disk below the ' +
          'state directory. Results are late by as much.',
      },
    ],
  },
];
