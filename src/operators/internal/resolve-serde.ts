import { invariant } from '../../core/model/invariant.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { Handle } from './handle.ts';

/** Stands in the plan until `build()` refuses it. */
const missingSerde: Serde<never> = Object.freeze({
  format: 'missing',
  version: 0,
  serialize: neverRuns,
  deserialize: neverRuns,
});

/** The serde given, else the one known of the input; none is a problem of the plan. */
export function resolveSerde<T>(
  side: 'key' | 'value',
  given: Serde<T> | undefined,
  { draft, ...known }: Handle,
  node: string,
): Serde<unknown> {
  const serde = given ?? known[side];
  if (serde !== null) return serde;
  draft.problems.push({
    code: 'SERDE_MISSING',
    node,
    message: `no ${side} serde is known at '${node}': pass it \`{ ${side} }\`, or the mapper before it`,
  });
  return missingSerde;
}

function neverRuns(): never {
  invariant(false, 'A topology without all its serdes was run.');
}
