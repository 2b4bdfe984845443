import type { Topology } from '../../src/index.ts';
import { memoryDriver } from './memory-driver.ts';
import type {
  InputRecord,
  OperatorDriver,
  OperatorDriverFactory,
  OutputRecord,
} from './operator-driver.ts';
import { takenInOrder } from './taking-order.ts';

export type RunMode =
  'record by record' | 'one batch' | 'commit after each' | 'crash and restore after each';

export interface Scenario {
  /** Operators keep no state in the plan, so one topology serves all modes. */
  readonly topology: Topology;
  readonly input: readonly InputRecord[];
  readonly outputTopics: readonly string[];
  /** All records are there before the first is taken: the engine decides the order. */
  readonly isFilled?: boolean;
  readonly wallClockTimeMs?: number;
}

/** What became visible between two looks at the driver. */
export interface Turn {
  /** Index of the one input record that caused it; null where several were at work. */
  readonly by: number | null;
  readonly outputs: ReadonlyMap<string, readonly OutputRecord[]>;
  readonly drops: readonly string[];
}

/** The modes that mean something for the scenario. */
export function runModesOf({ topology, isFilled = false }: Scenario): readonly RunMode[] {
  // Behind an internal topic a batch is legitimately taken in another order.
  const hasInternalTopics = topology.nodes.some((node) => node.type === 'repartition');
  if (isFilled) return ['one batch', 'crash and restore after each'];
  return hasInternalTopics
    ? ['commit after each', 'crash and restore after each']
    : ['record by record', 'one batch', 'commit after each', 'crash and restore after each'];
}

/** Plays a scenario in one mode and returns all that was committed. */
export async function playInMode(
  mode: RunMode,
  scenario: Scenario,
  createDriver: OperatorDriverFactory = memoryDriver,
): Promise<readonly Turn[]> {
  const { topology, outputTopics, wallClockTimeMs = 0 } = scenario;
  const driver = await createDriver(topology, { wallClockTimeMs });
  const look = lookerAt(driver, outputTopics);
  const turns: Turn[] = [];
  try {
    for (const { records, by } of portionsOf(mode, scenario)) {
      await driver.send(records);
      if (mode === 'record by record' || mode === 'one batch') continue;
      const crashes = mode === 'crash and restore after each';
      // After each commit state is restored. Now and then also before it, so that work is done
      // again.
      if (crashes && turns.length % 4 === 0) await driver.crash();
      await driver.commit();
      if (crashes) await driver.crash();
      turns.push(await look(by));
    }
    await driver.commit();
    turns.push(await look(null));
  } finally {
    await driver.close();
  }
  return turns;
}

interface Portion {
  readonly records: readonly InputRecord[];
  readonly by: number | null;
}

function portionsOf(mode: RunMode, { topology, input, isFilled }: Scenario): readonly Portion[] {
  if (isFilled === true) return [{ records: input, by: null }];
  if (mode !== 'one batch') return input.map((record, by) => ({ records: [record], by }));
  return takenInOrder(topology, input).map((records) => ({ records, by: null }));
}

function lookerAt(driver: OperatorDriver, outputTopics: readonly string[]) {
  let dropsSeen = 0;
  return async (by: number | null): Promise<Turn> => {
    const outputs = new Map<string, readonly OutputRecord[]>();
    for (const topic of outputTopics) outputs.set(topic, await driver.read(topic));
    const drops = driver.drops().slice(dropsSeen);
    dropsSeen += drops.length;
    return { by, outputs, drops };
  };
}
