import { type Metric, only } from './metric.ts';

/** The process around the worker. Where other programs on Node have a name for it, it is theirs. */
export const processMetrics: readonly Metric[] = [
  {
    name: 'millrace_event_loop_delay_seconds',
    type: 'gauge',
    help: 'How late the event loop came to what was due, since the scrape before',
    labels: ['statistic'],
    read: ({ process: { eventLoopDelay } }) =>
      Object.entries(eventLoopDelay).map(([statistic, value]) => ({
        labels: { statistic },
        value: Number(value),
      })),
    alerts: [
      {
        name: 'MillraceEventLoopBlocked',
        when: 'millrace_event_loop_delay_seconds{statistic="max"} > 1',
        lasting: '5m',
        severity: 'ticket',
        summary: 'The event loop stands still for a second and more',
        action:
          'A callback computes for long, or the collector has too little memory: compare ' +
          'nodejs_heap_size_used_bytes with the limit of the heap.',
      },
    ],
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Heap of the JavaScript engine in use',
    labels: [],
    read: ({ process }) => only(process.heapUsedBytes),
  },
  {
    name: 'nodejs_heap_size_total_bytes',
    type: 'gauge',
    help: 'Heap of the JavaScript engine',
    labels: [],
    read: ({ process }) => only(process.heapTotalBytes),
  },
  {
    name: 'nodejs_external_memory_bytes',
    type: 'gauge',
    help: 'Buffers outside of the heap',
    labels: [],
    read: ({ process }) => only(process.externalBytes),
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the process that is in use (RSS)',
    labels: [],
    read: ({ process }) => only(process.residentBytes),
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the process, all its threads together',
    labels: [],
    read: ({ process }) => only(process.cpuSeconds),
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process was started, in seconds since the epoch',
    labels: [],
    read: ({ process }) => only(process.startTimeMs / 1_000),
    alerts: [
      {
        name: 'MillraceWorkerRestarts',
        when:
          'changes(process_start_time_seconds[15m]) > 3 and ' +
          'on (job, instance) last_over_time(millrace_worker_info[15m])',
        lasting: '0s',
        severity: 'page',
        summary: 'A worker starts again and again',
        action:
          'Look at the exit code and the last log lines of its process. A record that stops the ' +
          'worker stops it at each start: docs/OPERATIONS.md says how to get past it.',
      },
    ],
  },
];
