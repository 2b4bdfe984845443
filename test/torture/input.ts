import { lanes } from '../../bench/data/random.ts';
import { type InputRecord, fillTopic } from '../../bench/log/fill.ts';
import type { Log } from '../../src/core/log/port.ts';
import { noHeaders } from '../../src/core/model/headers.ts';
import { type Click, type Person, clicksTopic, peopleTopic } from './topology.ts';

export const partitions = 3;

const startMs = 1_700_000_000_000;
const stepMs = 20;
/** More than the grace of the window per person, so that some clicks are late. */
const maxJitterMs = 4_000;
const personCount = 60;
const clicksPerUpdate = 20;
const cities = ['Aachen', 'Bergen', 'Cádiz', 'Dijon', 'Évora', 'Faro', 'Gdańsk'];

export interface TortureInput {
  readonly seed: number;
  readonly records: number;
  /** As `fillTopic` takes it. */
  readonly maxBatchRecords?: number;
}

/** Writes all input, the same for the same seed. */
export async function writeInput(log: Log, input: TortureInput): Promise<void> {
  const { maxBatchRecords = 1_000 } = input;
  const common = { partitions, maxBatchRecords };
  await fillTopic(log, { ...common, topic: peopleTopic, records: people(input) });
  await fillTopic(log, { ...common, topic: clicksTopic, records: clicks(input) });
}

/** A row for each person at first; then they move, and now and then one is gone for a while. */
function* people({ seed, records }: TortureInput): Iterable<InputRecord> {
  const { below } = lanes(seed);
  const updates = Math.ceil(records / clicksPerUpdate);
  for (let index = 0; index < personCount + updates; index++) {
    const number = index < personCount ? index : below(index, 0, personCount);
    const isGone = index >= personCount && below(index, 1, 10) === 0;
    const city = cities[below(index, 2, cities.length)] ?? '';
    const person: Person = { name: `Person ${number}`, city };
    const updatedMs = Math.max(0, index - personCount) * clicksPerUpdate * stepMs;
    const value = isGone ? null : JSON.stringify(person);
    yield { key: keyOf(number), value, timestamp: startMs + updatedMs };
  }
}

function* clicks({ seed, records }: TortureInput): Iterable<InputRecord> {
  const { below } = lanes(seed + 1);
  for (let index = 0; index < records; index++) {
    const click: Click = { page: `/page/${below(index, 0, 200)}`, amount: below(index, 1, 1_000) };
    const jitterMs = below(index, 2, 10) === 0 ? below(index, 3, maxJitterMs) : 0;
    yield {
      key: keyOf(below(index, 4, personCount)),
      value: JSON.stringify(click),
      timestamp: startMs + maxJitterMs + index * stepMs - jitterMs,
      headers: noHeaders.with('trace', `${seed}-${index}`),
    };
  }
}

function keyOf(person: number): string {
  return `p${String(person).padStart(3, '0')}`;
}
