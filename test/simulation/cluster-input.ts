import { seededRandom } from '../../src/core/runtime/seeded-random.ts';
import type { TextRecord } from '../support/log-records.ts';

export interface ClusterInput {
  readonly people: readonly TextRecord[];
  /** In the order they are fed; no chunk but the first has times of the table's. */
  readonly chunks: readonly (readonly TextRecord[])[];
}

const chunkCount = 5;
const clicksPerChunk = 24;
const chunkMs = 60;
/** People who never got a row among them: their clicks find nothing. */
const clickers = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'nobody'];
const pages = ['home', 'shop', 'blog'];

/**
 * Clicks out of order within a chunk, some of them no JSON; table updates among those of the first
 * chunk. So what a click finds in the table depends on timestamps and offsets alone.
 */
export function clusterInput(seed: number): ClusterInput {
  const random = seededRandom(seed);
  const pick = (below: number) => Math.floor(random.next() * below);
  const oneOf = (texts: readonly string[]) => texts[pick(texts.length)] ?? '';
  const people = Array.from({ length: 20 }, (_, index) => ({
    key: oneOf(clickers.slice(0, -1)),
    value: pick(8) === 0 ? null : `city-${index}`,
    timestamp: index * 3,
  }));
  const click = (fromMs: number, index: number): TextRecord => ({
    key: oneOf(clickers),
    value: pick(12) === 0 ? 'no json' : JSON.stringify(oneOf(pages)),
    timestamp: fromMs + Math.min(chunkMs - 1, index * 2 + pick(30)),
  });
  const chunks = Array.from({ length: chunkCount }, (_, chunk) =>
    Array.from({ length: clicksPerChunk }, (_, index) => click(chunk * chunkMs, index)),
  );
  return { people, chunks };
}
