import type { Log } from '../../../src/core/log/port.ts';
import { run, type RunOptions, type Topology } from '../../../src/index.ts';
import { sessionTimeoutMs } from './steps.ts';

/** What a worker of a crew keeps, whatever happens to it. */
export interface WorkerPlace {
  readonly instanceId: string;
  readonly stateDir: string;
}

/** What its parent told this process at the start. */
export function told<Options>(): Options & WorkerPlace {
  return JSON.parse(process.argv[2] ?? '') as Options & WorkerPlace; // as crew.ts writes it
}

/** Runs a worker until the parent ends it, or is gone itself. */
export async function work(
  topology: Topology,
  { log, ...options }: RunOptions & { readonly log: Log },
): Promise<void> {
  const worker = await run(topology, {
    ...options,
    log,
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

function tell(message: string, fields?: Readonly<Record<string, unknown>>): void {
  console.error(message, fields ?? '');
}
