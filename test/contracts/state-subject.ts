import { describe, it } from 'vitest';
import type { MaybePromise } from '../../src/core/model/maybe-promise.ts';
import type { LocalState } from '../../src/core/task/state-port.ts';
import type { KeyValueStore, SessionStore, WindowStore } from '../../src/state/store.ts';
import { counts, sessions, totals } from '../state/support.ts';

/** An open state with the stores of `test/state/support.ts`, as a law gets it. */
export interface StateSubject {
  readonly state: LocalState;
  readonly totals: KeyValueStore<string, string>;
  readonly counts: WindowStore<string, number>;
  readonly sessions: SessionStore<string, string>;
  /** Another state, empty and apart. */
  readonly another: () => Promise<LocalState>;
}

export type StateLaw = (subject: StateSubject) => Promise<void>;
export type StateLaws = Readonly<Record<string, StateLaw>>;
export type OpenState = () => MaybePromise<LocalState>;

/** Opens a subject; `spoil` may replace parts of it by broken ones. */
export async function openSubject(
  open: OpenState,
  spoil: (state: LocalState) => LocalState = (state) => state,
): Promise<StateSubject> {
  const state = spoil(await open());
  return {
    state,
    totals: state.store(totals),
    counts: state.store(counts),
    sessions: state.store(sessions),
    another: async () => spoil(await open()),
  };
}

/** One test per law, each on a state of its own. */
export function stateContract(label: string, laws: StateLaws, open: OpenState): void {
  describe(label, () => {
    for (const [law, holds] of Object.entries(laws)) {
      it(law, async () => {
        const subject = await openSubject(open);
        await holds(subject);
        await subject.state.close({ clean: true });
      });
    }
  });
}
