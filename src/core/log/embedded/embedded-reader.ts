import type { Runtime } from '../../runtime/runtime.ts';
import type {
  FetchedPartition,
  FetchOptions,
  FetchRequest,
  Reader,
  ReaderOptions,
} from '../port.ts';
import type { EmbeddedBroker } from './broker.ts';
import { logClosed } from '../log-errors.ts';
import type { Requests } from './requests.ts';
import { type Wait, waitForChange } from './wait-for-change.ts';

export function embeddedReader(
  broker: EmbeddedBroker,
  requests: Requests,
  options: ReaderOptions & { readonly runtime: Runtime },
): Reader {
  return new EmbeddedReader(broker, requests, options);
}

class EmbeddedReader implements Reader {
  private wait: Wait | null = null;
  private isAwake = false;
  private isClosed = false;

  constructor(
    private readonly broker: EmbeddedBroker,
    private readonly requests: Requests,
    private readonly options: ReaderOptions & { readonly runtime: Runtime },
  ) {}

  fetch(
    partitions: readonly FetchRequest[],
    options: FetchOptions,
  ): Promise<readonly FetchedPartition[]> {
    this.isAwake = false;
    return this.requests.send('fetch', () => this.fetchOrWait(partitions, options));
  }

  wakeUp(): void {
    this.isAwake = true;
    this.wait?.end();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wakeUp();
  }

  private async fetchOrWait(
    partitions: readonly FetchRequest[],
    { maxWaitMs, maxPartitionBytes }: FetchOptions,
  ): Promise<readonly FetchedPartition[]> {
    const { isolation, runtime } = this.options;
    const endMs = runtime.clock.monotonicTimeMs() + maxWaitMs;
    for (;;) {
      if (this.isClosed) throw logClosed();
      const { version } = this.broker.changes;
      const fetched = await this.broker.fetch(partitions, { isolation, maxPartitionBytes });
      const leftMs = endMs - runtime.clock.monotonicTimeMs();
      if (leftMs <= 0 || this.isAwake || hasProgress(partitions, fetched)) return fetched;
      this.wait = waitForChange(this.broker.changes, runtime.scheduler, {
        version,
        maxWaitMs: leftMs,
      });
      await this.wait.done;
      this.wait = null;
    }
  }
}

/** Markers and aborted records that were passed over are progress too. */
function hasProgress(
  asked: readonly FetchRequest[],
  fetched: readonly FetchedPartition[],
): boolean {
  return fetched.some(({ nextOffset }, index) => nextOffset !== asked[index]?.offset);
}
