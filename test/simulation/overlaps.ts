import type { StateBackend } from '../../src/core/task/state-port.ts';
import { mappingStates } from '../torture/ports.ts';
import { overriding } from '../torture/overriding.ts';

/** What became of commits beside which tasks had written for the next one already. */
export interface Overlaps {
  committed: number;
  takenBack: number;
}

/** The backend, with a look at what its states hold when a commit ends. */
export function watchingOverlaps(backend: StateBackend, overlaps: Overlaps): StateBackend {
  return mappingStates(backend, (state) => {
    let isUnderWay = false;
    const end = (how: keyof Overlaps) => {
      if (isUnderWay && state.dirtyBytes > 0) overlaps[how] += 1;
      isUnderWay = false;
    };
    return overriding(state, {
      drain(sink) {
        state.drain(sink);
        isUnderWay = true;
      },
      write(position) {
        end('committed');
        return state.write(position);
      },
      forget() {
        end('takenBack');
        state.forget();
      },
    });
  });
}
