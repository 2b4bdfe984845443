import { join } from 'node:path';
import { committedRecords, untilCaughtUp } from '../../../bench/log/progress.ts';
import { partitionsOf } from '../../../bench/log/read-topic.ts';
import type { Log } from '../../../src/core/log/port.ts';
import { embedded, run } from '../../../src/index.ts';
import { andThen } from '../../../src/core/model/maybe-promise.ts';
import type { StateBackend } from '../../../src/core/task/state-port.ts';
import { brokenPorts } from './broken-commit.ts';
import { partitions } from '../input.ts';
import type { ChildMessage, ChildOptions } from './child-options.ts';
import { mortalPorts } from '../mortal-ports.ts';
import { overriding } from '../overriding.ts';
import { type Ports, mappingStates } from '../ports.ts';
import { stateIn } from './backend.ts';
import { application, clicksTopic, topicsToRead, tortureTopology } from '../topology.ts';

/** Short, so that many a kill meets a commit. */
const commitInterval = '20ms';

/** The parent is this project's own `life.ts`. */
await main(JSON.parse(process.argv[2] ?? '') as ChildOptions);

/** Processes all input of the log in the directory, then ends. */
async function main(options: ChildOptions): Promise<void> {
  const { directory, guarantee, workers: workerCount } = options;
  const log = embedded({ directory: join(directory, 'log'), partitions });
  const ports = portsOf(log, options);
  const topology = tortureTopology();
  const clicks = await partitionsOf(log, clicksTopic);
  const committed = await committedRecords(log, application, clicks);
  const workers = await Promise.all(
    Array.from({ length: workerCount }, (_, index) => {
      const instanceId = `torture-${index}`;
      return run(topology, {
        log: ports.log,
        state: ports.backend,
        stateDir: join(directory, 'state'),
        guarantee,
        instanceId,
        commitInterval,
        maxTaskIdle: 'forever',
      });
    }),
  );
  tell({ type: 'started', committed });
  const done = async () => {
    for (const topic of topicsToRead(topology)) {
      await untilCaughtUp(log, application, await partitionsOf(log, topic));
    }
  };
  await Promise.race([done(), ...workers.map((worker) => worker.finished)]);
  await Promise.all(workers.map((worker) => worker.close()));
  await log.close();
  process.disconnect();
}

function portsOf(log: Log, { directory, deathAt, breakage }: ChildOptions): Ports {
  const trusting = { log, backend: watched(stateIn(directory)) };
  const mortal = deathAt === null ? trusting : mortalPorts(trusting, deathAt);
  return breakage === null ? mortal : brokenPorts(mortal, breakage);
}

/** Tells the parent which states are written, and which are thrown away. */
function watched(backend: StateBackend): StateBackend {
  return mappingStates(backend, (state, task) => {
    const { rebuildReason } = state;
    if (rebuildReason !== null) tell({ type: 'wiped', task, reason: rebuildReason });
    let hasState = state.position !== null;
    if (hasState) tell({ type: 'written', task });
    return overriding(state, {
      clear() {
        if (hasState) tell({ type: 'wiped', task, reason: 'not as the log says' });
        return state.clear();
      },
      write: (position) =>
        andThen(state.write(position), () => {
          if (!hasState) tell({ type: 'written', task });
          hasState = true;
        }),
    });
  });
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}
