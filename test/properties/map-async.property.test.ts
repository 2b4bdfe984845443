import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type KStream, onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { readPlain, type RunStep, stepsOf } from '../support/steps.ts';

const text = { key: string(), value: string() };

interface Sent {
  readonly key: string;
  /** How many turns of the promise queue its call takes. */
  readonly value: string;
  readonly timestamp: number;
}

const sentRecord: fc.Arbitrary<Sent> = fc.record({
  key: fc.constantFrom('a', 'b'),
  value: fc.nat(12).map(String),
  timestamp: fc.nat(60),
});

async function slowly(value: string): Promise<string> {
  for (let turn = 0; turn < Number(value); turn += 1) await Promise.resolve();
  return `<${value}>`;
}

type Step = (stream: KStream<string | null, string>) => KStream<string | null, string>;

const mapped: Step = (stream) => stream.mapValues((value) => `<${value}>`, { value: string() });

function topologyOf(step: Step) {
  const builder = new TopologyBuilder('property');
  const stream = step(builder.stream('in', text));
  stream.to('each');
  stream
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 4 }))
    .aggregate({
      name: 'rows',
      initializer: () => '',
      aggregator: (sum, value) => sum + value,
      emit: onClose(),
      value: string(),
    })
    .toStream()
    .to('windows');
  return builder.build();
}

async function played(step: Step, steps: readonly RunStep<Sent>[]) {
  const driver = new TopologyTestDriver(topologyOf(step), { commit: 'manual' });
  const dropped: string[] = [];
  let seen = 0;
  const commit = async () => {
    await driver.settled();
    driver.commit();
    dropped.push(...driver.drops().slice(seen).map(dropOf));
    seen = driver.dropped();
  };
  for (const portion of steps) {
    if (portion.kind === 'commit') await commit();
    else if (portion.kind === 'record') driver.send('in', portion.record);
    else {
      seen = driver.dropped();
      driver.crash();
    }
  }
  await commit();
  return { each: readPlain(driver, 'each'), windows: readPlain(driver, 'windows'), dropped };
}

const dropOf = ({ reason, record }: { reason: string; record: { timestamp: number } }) =>
  `${reason} ${record.timestamp}`;

const byText = <T>(all: readonly T[]) => all.map((one) => JSON.stringify(one)).sort();

it.each([
  { order: 'key', maxInFlight: 64 },
  { order: 'key', maxInFlight: 2 },
  { order: 'partition', maxInFlight: 3 },
] as const)(
  "by $order, $maxInFlight in flight: windows, drops and the sequence of each key are a map's",
  async ({ order, maxInFlight }) => {
    const asynchronous: Step = (stream) =>
      stream.mapAsync(slowly, { order, maxInFlight, value: string() });
    const law = fc.asyncProperty(stepsOf(sentRecord), async (steps) => {
      const expected = await played(mapped, steps);
      const actual = await played(asynchronous, steps);
      expect(byText(actual.windows)).toEqual(byText(expected.windows));
      expect(byText(actual.dropped)).toEqual(byText(expected.dropped));
      for (const key of order === 'key' ? ['a', 'b'] : [null]) {
        const own = ({ each }: typeof actual) =>
          each.filter((record) => key === null || record.key === key);
        expect(own(actual)).toEqual(own(expected));
      }
    });
    await fc.assert(law, propertyOptions(25));
  },
);
