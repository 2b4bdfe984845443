import { describe, expect, it } from 'vitest';
import {
  embedded,
  type EmbeddedLog,
  json,
  produce,
  readCommitted,
  run,
  type Serde,
  string,
  TopologyBuilder,
  versioned,
} from '../../src/index.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';

type Seen = { readonly words: readonly string[] };

const texts = { key: string(), value: string() };
const seen = json<Seen>();

/** Version 1 was a text with commas; version 2 a list; version 3 has it in an object. */
const second = versioned(json<readonly string[]>(), {
  version: 2,
  upgrade: (bytes) => json<string>().deserialize(bytes).split(','),
});
const asked: number[] = [];
const third = versioned(seen, {
  version: 3,
  upgrade(bytes, fromVersion) {
    asked.push(fromVersion);
    if (fromVersion === 2) return { words: json<readonly string[]>().deserialize(bytes) };
    return { words: json<string>().deserialize(bytes).split(',') };
  },
});

interface Version<A> {
  readonly value: Serde<A>;
  readonly first: A;
  readonly add: (aggregate: A, word: string) => A;
}

const versions = {
  1: {
    value: json<string>(),
    first: '',
    add: (all: string, word: string) => (all === '' ? word : `${all},${word}`),
  },
  2: { value: second, first: [], add: (all: readonly string[], word: string) => [...all, word] },
  3: {
    value: third,
    first: { words: [] },
    add: ({ words }: Seen, word: string) => ({ words: [...words, word] }),
  },
};

function topologyOf<A extends object | string>({ value, first, add }: Version<A>) {
  const builder = new TopologyBuilder('upgraded');
  builder
    .stream('words', texts)
    .groupByKey()
    .aggregate({
      name: 'seen',
      value,
      initializer: () => first,
      aggregator: (all, word) => add(all, word),
    })
    .toStream()
    .to('out');
  return builder.build();
}

const topologies = {
  1: topologyOf(versions[1]),
  2: topologyOf<readonly string[]>(versions[2]),
  3: topologyOf<Seen>(versions[3]),
};

async function runVersion(
  log: EmbeddedLog,
  version: 1 | 2 | 3,
  { stateDir, words }: { readonly stateDir: string; readonly words: readonly string[] },
): Promise<unknown> {
  const records = words.map((word) => {
    const [key = '', value = ''] = word.split('=');
    return { key, value, timestamp: 0 };
  });
  await produce(log, 'words', texts, records);
  const worker = await run(topologies[version], { log, stateDir });
  await worker.caughtUp();
  await worker.close();
  const out = await readCommitted(log, 'out', { key: string(), value: json<unknown>() });
  return out.at(-1)?.value;
}

describe('rows of older versions', () => {
  it.each(['on disk', 'from the changelog'])('%s are upgraded when they are read', async (from) => {
    const log = embedded({ partitions: 1 });
    const stateDir = temporaryDirectory();
    const next = () => (from === 'on disk' ? stateDir : temporaryDirectory());
    await runVersion(log, 1, { stateDir, words: ['a=x', 'b=y'] });
    expect(await runVersion(log, 2, { stateDir: next(), words: ['a=z'] })).toEqual(['x', 'z']);
    asked.length = 0;
    const words = ['a=3'];
    expect(await runVersion(log, 3, { stateDir: next(), words })).toEqual({
      words: ['x', 'z', '3'],
    });
    // Nobody has read or written 'b' since version 1.
    expect(await runVersion(log, 3, { stateDir: next(), words: ['b=4'] })).toEqual({
      words: ['y', '4'],
    });
    expect(asked).toEqual([2, 1]);
    expect(await runVersion(log, 3, { stateDir: next(), words: ['b=5'] })).toEqual({
      words: ['y', '4', '5'],
    });
    expect(asked).toEqual([2, 1]);
    await log.close();
  });

  it('do not let an older version start again', async () => {
    const log = embedded({ partitions: 1 });
    const stateDir = temporaryDirectory();
    await runVersion(log, 2, { stateDir, words: ['a=x'] });
    const older = runVersion(log, 1, { stateDir, words: [] });
    await expect(older).rejects.toMatchObject({ code: 'FORMAT_CHANGED' });
    await log.close();
  });
});

describe('a versioned serde', () => {
  it.each([0, 1, 1.5, 2 ** 32])('has no version %d', (version) => {
    const options = { version, upgrade: () => '' };
    expect(() => versioned(string(), options)).toThrow(/whole number from 2/);
  });
});
