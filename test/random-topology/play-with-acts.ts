import fc from 'fast-check';
import type { InputRecord, OperatorDriver, OutputRecord } from '../support/operator-driver.ts';
import type { Scenario, Turn } from '../support/run-modes.ts';
import { takenInOrder } from '../support/taking-order.ts';

/** What happens after a record: `hold` lets it wait for the next one, to be sent as a batch. */
const kinds = ['hold', 'send', 'commit', 'crash', 'commit and crash'] as const;
export type Act = (typeof kinds)[number];

const maxActs = 30;

export function acts(): fc.Arbitrary<readonly Act[]> {
  return fc.array(fc.constantFrom(...kinds), { minLength: maxActs, maxLength: maxActs });
}

/** Sends the records with an act behind each; all that was committed in the end, as one turn. */
export async function playWithActs(
  driver: OperatorDriver,
  { topology, input, outputTopics }: Scenario,
  chosen: readonly Act[],
): Promise<Turn> {
  // Behind an internal topic a batch is legitimately taken in another order.
  const hasInternalTopics = topology.nodes.some((node) => node.type === 'repartition');
  let held: InputRecord[] = [];
  let uncommitted: InputRecord[] = [];
  try {
    for (const [index, record] of input.entries()) {
      const act = chosen[index % chosen.length] ?? 'send';
      held.push(record);
      if (act === 'hold' && !hasInternalTopics && index < input.length - 1) continue;
      for (const batch of takenInOrder(topology, held)) await driver.send(batch);
      uncommitted.push(...held);
      held = [];
      // What is taken again is all there at once: only what has that order anyway may be lost.
      const isOrderKept = takenInOrder(topology, uncommitted).length === 1;
      if (act === 'crash' && isOrderKept) await driver.crash();
      if (act === 'send' && !hasInternalTopics) continue;
      await driver.commit();
      uncommitted = [];
      if (act === 'commit and crash') await driver.crash();
    }
    await driver.commit();
    const outputs = new Map<string, readonly OutputRecord[]>();
    for (const topic of outputTopics) outputs.set(topic, await driver.read(topic));
    return { by: null, outputs, drops: driver.drops() };
  } finally {
    await driver.close();
  }
}
