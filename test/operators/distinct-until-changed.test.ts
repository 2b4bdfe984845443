import { expect, it } from 'vitest';
import { json, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

interface Mood {
  readonly mood: string | null;
  readonly at: number;
}

const source = {
  key: string(),
  value: json<Mood>(),
  tombstones: 'keep',
  maxFuture: 'off',
} as const;

function changes(by?: (value: Mood) => string | null) {
  const builder = new TopologyBuilder('test');
  const options = { name: 'changes', ...(by === undefined ? {} : { by }) };
  builder.stream('in', source).distinctUntilChanged(options).to('out');
  return builder.build();
}

const sent = (key: string | null, mood: string | null, at: number, timestamp = at) => ({
  topic: 'in',
  key,
  value: { mood, at },
  timestamp,
});

const deleted = (key: string | null, timestamp: number) => ({
  ...sent(key, '', 0),
  value: null,
  timestamp,
});

const plain = ({ key, value, timestamp }: ReturnType<typeof sent | typeof deleted>) => ({
  key,
  value,
  timestamp,
});

it('compares with the last value of the key in order of arrival, as encoded', async () => {
  const input = [sent('k', 'a', 1, 9), sent('k', 'a', 1, 3), sent('j', 'a', 1), sent('k', 'a', 2)];
  await expectInEveryRunMode({
    topology: changes(),
    input,
    output: { out: [input[0], input[2], input[3]].flatMap((one) => (one ? [plain(one)] : [])) },
    drops: [],
  });
});

it('with `by` a part counts, and the record passes as it came', async () => {
  const input = [
    sent('k', 'a', 1),
    sent('k', 'a', 2),
    sent('k', 'b', 3),
    sent('k', 'a', 4),
  ] as const;
  await expectInEveryRunMode({
    topology: changes(({ mood }) => mood),
    input,
    output: { out: [plain(input[0]), plain(input[2]), plain(input[3])] },
  });
});

it('a tombstone forgets the key, and so does a part that is null', async () => {
  const input = [
    deleted('k', 1),
    sent('k', 'a', 2),
    deleted('k', 3),
    sent('k', null, 4),
    sent('k', 'a', 5),
    sent('k', null, 6),
    deleted('k', 7),
  ] as const;
  await expectInEveryRunMode({
    topology: changes(({ mood }) => mood),
    input,
    output: { out: [plain(input[1]), plain(input[2]), plain(input[4]), plain(input[5])] },
    drops: [],
  });
  const driver = new TopologyTestDriver(changes(({ mood }) => mood));
  for (const { topic, ...record } of input) driver.send(topic, record);
  expect(driver.store('changes').entries()).toEqual([]);
});

it('null keys are dropped', async () => {
  await expectInEveryRunMode({
    topology: changes(),
    input: [sent(null, 'a', 1), deleted(null, 2)],
    output: { out: [] },
    drops: ['null-key', 'null-key'],
  });
});

it('is refused behind a change of key', () => {
  const builder = new TopologyBuilder('test');
  const rekeyed = builder.stream('in', source).selectKey(() => 'k', { key: string() });
  rekeyed.distinctUntilChanged({ name: 'changes' }).to('out');
  expect(() => builder.build()).toThrow(/put `repartition\(\{ name \}\)` in front of it/);
});
