import type { Writer } from '../../src/core/log/port.ts';
import { type MaybePromise, andThen } from '../../src/core/model/maybe-promise.ts';
import type { LocalState } from '../../src/core/task/state-port.ts';
import { overriding } from './overriding.ts';
import { type Ports, mappingStates } from './ports.ts';

/** The calls at which a process may die; `recover` is any that only a start makes. */
export type Call = 'produce' | 'send-offsets' | 'commit' | 'write' | 'recover';

/** `during`: the call was made and its end is not awaited. */
export const moments = ['before', 'during', 'after'] as const;

/** The call to a port, the nth of its kind, at which the process dies. */
export interface DeathAt {
  readonly call: Call;
  /** From 1. */
  readonly nth: number;
  readonly moment: (typeof moments)[number];
}

type Step = <T>(call: Call, action: () => MaybePromise<T>) => MaybePromise<T>;

/** Ports whose writing calls are counted; at the given one the process kills itself. */
export function mortalPorts({ log, backend }: Ports, deathAt: DeathAt): Ports {
  const step = stepper(deathAt);
  return {
    log: overriding(log, {
      async openWriter(options) {
        return mortalWriter(await step('recover', () => log.openWriter(options)), step);
      },
      joinGroup: async (options) => step('recover', () => log.joinGroup(options)),
    }),
    backend: mappingStates(backend, (state) => mortalState(state, step)),
  };
}

function mortalWriter(writer: Writer, step: Step): Writer {
  return overriding(writer, {
    produce: async (batches) => step('produce', () => writer.produce(batches)),
    sendOffsets: async (offsets, group) => {
      await step('send-offsets', () => writer.sendOffsets(offsets, group));
    },
    commit: async () => step('commit', () => writer.commit()),
  });
}

function mortalState(state: LocalState, step: Step): LocalState {
  return overriding(state, {
    write: (position) => step('write', () => state.write(position)),
    clear: () => step('recover', () => state.clear()),
    restore(store, changes, position) {
      return step('recover', () => state.restore(store, changes, position));
    },
  });
}

function stepper({ call: fatalCall, nth, moment }: DeathAt): Step {
  let calls = 0;
  return (call, action) => {
    if (call !== fatalCall) return action();
    calls++;
    if (calls !== nth) return action();
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
