import type { Log } from '../../../src/core/log/port.ts';
import { kafka, memoryBackend, type Sink } from '../../../src/index.ts';
import { type NumberedRow, numberedTopology } from '../../sinks/support/numbered-rows.ts';
import { sinkOf } from '../../sinks/support/tested-database.ts';
import { Striker } from '../crew/striker.ts';
import { told, work, type WorkerPlace } from '../crew/work.ts';
import { overriding } from '../overriding.ts';
import { brokenSink } from './broken-sinks.ts';
import { application, type SinkWorkerOptions } from './worker-options.ts';

const batches = { maxRows: 100, maxDelay: '100ms' } as const;
const attemptTimeoutMs = 5_000;

await main(told<SinkWorkerOptions>());

async function main(options: SinkWorkerOptions & WorkerPlace): Promise<void> {
  const { instanceId, stateDir, kind, databasePort: port, breakage, brokers } = options;
  const striker = new Striker();
  striker.listen();
  const sink = sinkOf(kind, { port, batches, attemptTimeoutMs });
  const used = breakage === null ? sink : brokenSink(sink, breakage, port);
  await work(numberedTopology(application, watchedSink(used, striker)), {
    log: striker.watch(keepingOutbox(kafka({ brokers, clientId: instanceId }))),
    state: memoryBackend(),
    stateDir,
    instanceId,
  });
}

/** All of the outbox stays, to be compared. */
function keepingOutbox(log: Log): Log {
  return overriding(log, {
    admin: overriding(log.admin, { deleteRecords: () => Promise.resolve() }),
  });
}

/** The sink with its deliveries' steps told. */
function watchedSink(sink: Sink<NumberedRow>, striker: Striker): Sink<NumberedRow> {
  return {
    ...sink,
    connect(place) {
      const inner = sink.connect(place);
      return overriding(inner, {
        async apply(batch) {
          striker.reached('apply');
          const outcome = await inner.apply(batch);
          striker.reached('applied');
          return outcome;
        },
      });
    },
  };
}
