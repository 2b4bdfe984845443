import { join } from 'node:path';
import { type Log, run, type RunOptions, type Topology, type Worker } from '../../src/index.ts';
import type { ProgramSettings } from './arguments.ts';

/** Workers in this process that share the partitions. */
export function startWorkers(
  topology: Topology,
  { directory, workers }: Pick<ProgramSettings, 'directory' | 'workers'>,
  options: Pick<RunOptions, 'http'> & { readonly log: Log },
): Promise<readonly Worker[]> {
  const stateDir = join(directory, 'state');
  const start = (_: unknown, index: number) => {
    const instanceId = `worker-${index + 1}`;
    // All in one process: they may learn of each other at once.
    return run(topology, { ...options, stateDir, instanceId, heartbeatInterval: '200ms' });
  };
  return Promise.all(Array.from({ length: workers }, start));
}
