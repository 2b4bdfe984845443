import type { Log } from '../../src/core/log/port.ts';
import type { StateBackend, LocalState } from '../../src/core/task/state-port.ts';
import { andThen } from '../../src/core/model/maybe-promise.ts';
import { overriding } from './overriding.ts';

/** What a worker is given, and so where it can be disturbed. */
export interface Ports {
  readonly log: Log;
  readonly backend: StateBackend;
}

/** The backend with each state it opens replaced. */
export function mappingStates(
  backend: StateBackend,
  replaced: (state: LocalState, taskId: string) => LocalState,
): StateBackend {
  return overriding(backend, {
    open: (options) => andThen(backend.open(options), (state) => replaced(state, options.taskId)),
  });
}
