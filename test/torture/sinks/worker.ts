import type { Log } from '../../../src/core/log/port.ts';
import { kafka, memoryBackend, run, type Sink } from '../../../src/index.ts';
import { type NumberedRow, numberedTopology } from '../../sinks/support/numbered-rows.ts';
import { sinkOf } from '../../sinks/support/tested-database.ts';
import { overriding } from '../overriding.ts';
import { brokenSink } from './broken-sinks.ts';
import {
  application,
  type DeliveryStep,
  maxUntilStepMs,
  sessionTimeoutMs,
  type SinkWorkerOptions,
  type StrikeOrder,
} from './worker-options.ts';

const batches = { maxRows: 100, maxDelay: '100ms' } as const;
const attemptTimeoutMs = 5_000;

let awaited: StrikeOrder | null = null;

/** The parent is this project's own `crew.ts`. */
await main(JSON.parse(process.argv[2] ?? '') as SinkWorkerOptions);

async function main(options: SinkWorkerOptions): Promise<void> {
  const { instanceId, stateDir, kind, databasePort: port, breakage } = options;
  process.on('message', (message) => {
    awaited = message as StrikeOrder; // as crew.ts sends
  });
  const sink = sinkOf(kind, { port, batches, attemptTimeoutMs });
  const used = breakage === null ? sink : brokenSink(sink, breakage, port);
  const log = kafka({ brokers: options.brokers, clientId: instanceId });
  const worker = await run(numberedTopology(application, struckSink(used)), {
    log: struckLog(log),
    state: memoryBackend(),
    stateDir,
    instanceId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: sessionTimeoutMs / 6,
    logger: { debug: () => undefined, info: tell, warn: tell, error: tell },
  });
  process.once('SIGTERM', () => void worker.close());
  const die = () => process.exit(1);
  // Nobody is left to work for.
  process.once('disconnect', die);
  await worker.finished;
  await log.close();
  process.off('disconnect', die);
  process.disconnect();
}

function reached(step: DeliveryStep): void {
  if (awaited?.step !== step) return;
  const { signal, askedMs } = awaited;
  awaited = null;
  if (Date.now() - askedMs < maxUntilStepMs) process.kill(process.pid, signal);
}

/** All of the outbox stays, to be compared. */
function struckLog(log: Log): Log {
  return overriding(log, {
    admin: overriding(log.admin, { deleteRecords: () => Promise.resolve() }),
    async openWriter(options) {
      const writer = await log.openWriter(options);
      return overriding(writer, {
        async commit() {
          reached('commit');
          await writer.commit();
          reached('committed');
        },
      });
    },
  });
}

function struckSink(sink: Sink<NumberedRow>): Sink<NumberedRow> {
  return {
    ...sink,
    connect(place) {
      const inner = sink.connect(place);
      return overriding(inner, {
        async apply(batch) {
          reached('apply');
          const outcome = await inner.apply(batch);
          reached('applied');
          return outcome;
        },
      });
    },
  };
}

function tell(message: string, fields?: Readonly<Record<string, unknown>>): void {
  console.error(message, fields ?? '');
}
