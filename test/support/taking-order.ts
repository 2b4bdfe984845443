import type { Topology } from '../../src/index.ts';
import type { InputRecord } from './operator-driver.ts';

/**
 * Cuts the input into batches as long as possible in which a task takes the records in the order
 * given: with several topics filled at once the least timestamp goes first, not the first sent.
 */
export function takenInOrder(
  topology: Topology,
  input: readonly InputRecord[],
): readonly (readonly InputRecord[])[] {
  const rank = rankOfTopics(topology);
  const batches: InputRecord[][] = [];
  for (const record of input) {
    const batch = batches.at(-1);
    if (batch !== undefined && isTakenAsGiven([...batch, record], rank)) batch.push(record);
    else batches.push([record]);
  }
  return batches;
}

/** Tables first, then streams, each in the order of declaration. */
function rankOfTopics(topology: Topology): ReadonlyMap<string, number> {
  const sources = topology.nodes.filter((node) => node.type === 'source');
  const tables = sources.filter((source) => source.isTable);
  const streams = sources.filter((source) => !source.isTable);
  return new Map([...tables, ...streams].map(({ topic }, rank) => [topic, rank]));
}

function isTakenAsGiven(batch: readonly InputRecord[], rank: ReadonlyMap<string, number>): boolean {
  const left = [...batch];
  for (const expected of batch) {
    const topics = new Set(left.map(({ topic }) => topic));
    const heads = [...topics].flatMap(
      (topic) => left.find((record) => record.topic === topic) ?? [],
    );
    heads.sort(
      (a, b) => a.timestamp - b.timestamp || (rank.get(a.topic) ?? 0) - (rank.get(b.topic) ?? 0),
    );
    if (heads[0] !== expected) return false;
    left.splice(left.indexOf(expected), 1);
  }
  return true;
}
