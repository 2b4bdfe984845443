import type { HttpSettings } from '../metrics/http/http-options.ts';
import type { Monitored } from '../metrics/http/pages.ts';
import type { WorkerReading } from '../metrics/worker-reading.ts';
import { type ProcessWatch, watchProcess } from '../runtime/process-watch.ts';
import type { Clock } from '../runtime/runtime.ts';
import { Latencies } from '../task/latency.ts';
import type { Topology } from '../topology/plan.ts';
import type { WorkerSettings } from './run-options.ts';
import type { Worker } from './worker.ts';
import { emptyReading, type MeasuredWorker, readingOf } from './worker-reading.ts';

/** The files of states are looked at this often at most. */
const maxSizeAgeMs = 15_000;

/** A worker with what only its metrics and its health ask for. */
export interface MonitoredWorker extends Pick<Worker, 'state' | 'status' | 'instanceId'> {
  /** As it runs: sub-topologies keep the ids that state lies under. */
  readonly topology: Topology;
  readonly isAlive: boolean;
  readonly isReady: boolean;
  /** Counters and positions, without anything of the process around it. */
  measured(): MeasuredWorker;
}

/** The answers of a worker over HTTP, from before it starts until it is closed. */
export interface Monitoring {
  readonly url: string;
  /** Where the tasks of a sub-topology note how long records take. */
  latenciesOf(subTopology: string): Latencies;
  /** Until then the answers are those of a worker that starts. */
  watch(worker: MonitoredWorker): void;
  close(): Promise<void>;
}

export interface MonitoringParts {
  readonly topology: Topology;
  readonly http: HttpSettings;
  readonly settings: Pick<WorkerSettings, 'logger' | 'runtime'>;
  /** Null: they are not on disk. */
  readonly stateBytesOf: ((task: string) => number) | null;
}

/** @throws {WorkerError} `HTTP_UNAVAILABLE` */
export async function openMonitoring(parts: MonitoringParts): Promise<Monitoring> {
  const { topology, http, settings } = parts;
  const { logger, runtime } = settings;
  // Loaded here: a worker that nobody asks has no use for it.
  const { openEndpoint } = await import('../metrics/http/endpoint.ts');
  const process = watchProcess();
  const latencies = new Map<string, Latencies>();
  const { clock } = runtime;
  const stateBytesOf = sizesOf(parts.stateBytesOf, clock);
  const { application } = topology;
  const monitor = new Monitor({ application, clock, process, latencies, stateBytesOf });
  const monitored = (): Monitored => monitor;
  try {
    const endpoint = await openEndpoint({ application, settings: http, logger, monitored });
    logger.info(`Metrics and health are at ${endpoint.url}.`, { url: endpoint.url });
    return {
      url: endpoint.url,
      latenciesOf(subTopology) {
        const own = latencies.get(subTopology) ?? new Latencies();
        latencies.set(subTopology, own);
        return own;
      },
      watch: (worker) => monitor.watch(worker),
      close() {
        process.stop();
        return endpoint.close();
      },
    };
  } catch (error) {
    process.stop();
    throw error;
  }
}

interface MonitorParts {
  readonly application: string;
  readonly clock: Clock;
  readonly process: ProcessWatch;
  readonly latencies: ReadonlyMap<string, Latencies>;
  readonly stateBytesOf: (task: string) => number | null;
}

class Monitor implements Monitored {
  private worker: MonitoredWorker | null = null;

  constructor(private readonly parts: MonitorParts) {}

  watch(worker: MonitoredWorker): void {
    this.worker = worker;
  }

  get isAlive(): boolean {
    return this.worker?.isAlive ?? true;
  }

  get isReady(): boolean {
    return this.worker?.isReady ?? false;
  }

  reading(): WorkerReading {
    const { clock, process, latencies, stateBytesOf } = this.parts;
    const beside = {
      wallClockTimeMs: clock.wallClockTimeMs(),
      process: process.read(),
      latencies: [...latencies].map(([subTopology, own]) => ({ subTopology, ...own })),
    };
    if (this.worker === null) return { ...emptyReading, ...beside };
    return { ...readingOf(this.worker.measured(), stateBytesOf), ...beside };
  }

  status(): unknown {
    const { application } = this.parts;
    const { worker, isAlive, isReady } = this;
    if (worker === null) return { application, state: 'starting', isAlive, isReady };
    const topology: unknown = JSON.parse(worker.topology.describe({ as: 'json' }));
    return {
      application,
      worker: worker.instanceId,
      isAlive,
      isReady,
      ...worker.status(),
      topology,
    };
  }
}

/** Looks at the files of a task only now and then: there may be thousands. */
function sizesOf(
  bytesOf: ((task: string) => number) | null,
  clock: Clock,
): (task: string) => number | null {
  if (bytesOf === null) return () => null;
  const known = new Map<string, { readonly bytes: number; readonly atMs: number }>();
  return (task) => {
    const nowMs = clock.monotonicTimeMs();
    const last = known.get(task);
    if (last !== undefined && nowMs - last.atMs < maxSizeAgeMs) return last.bytes;
    const bytes = bytesOf(task);
    known.set(task, { bytes, atMs: nowMs });
    return bytes;
  };
}
