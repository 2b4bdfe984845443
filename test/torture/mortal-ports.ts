import type { Writer } from '../../src/core/log/port.ts';
import { type MaybePromise, andThen } from '../../src/core/model/maybe-promise.ts';
import type { TaskState } from '../../src/core/task/state-port.ts';
import { overriding } from './overriding.ts';
import { type Ports, mappingStates } from './ports.ts';

/** `during`: the call was made and its end is not awaited. */
export const moments = ['before', 'during', 'after'] as const;

/** The call to a port, counted from 1, at which the process dies. */
export interface DeathAt {
  readonly step: number;
  readonly moment: (typeof moments)[number];
}

type Step = <T>(action: () => MaybePromise<T>) => MaybePromise<T>;

/** Ports whose every writing call is a step; at the given one the process kills itself. */
export function mortalPorts({ log, backend }: Ports, deathAt: DeathAt): Ports {
  const step = stepper(deathAt);
  return {
    log: overriding(log, {
      openWriter: async (options) => mortalWriter(await step(() => log.openWriter(options)), step),
      joinGroup: async (options) => step(() => log.joinGroup(options)),
    }),
    backend: mappingStates(backend, (state) => mortalState(state, step)),
  };
}

function mortalWriter(writer: Writer, step: Step): Writer {
  return overriding(writer, {
    produce: async (batches) => step(() => writer.produce(batches)),
    sendOffsets: async (offsets, group) => step(() => writer.sendOffsets(offsets, group)),
    commit: async () => step(() => writer.commit()),
  });
}

function mortalState(state: TaskState, step: Step): TaskState {
  return overriding(state, {
    write: (position) => step(() => state.write(position)),
    restore: (store, changes, position) => step(() => state.restore(store, changes, position)),
    clear: () => step(() => state.clear()),
  });
}

function stepper({ step: fatalStep, moment }: DeathAt): Step {
  let steps = 0;
  return (action) => {
    steps++;
    if (steps !== fatalStep) return action();
    if (moment === 'before') die();
    const result = action();
    if (moment === 'during') die();
    return andThen(result, die);
  };
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal ends the process on the way back from the call above.
  throw new Error('still alive');
}
