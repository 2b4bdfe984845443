import { describe, expect, it } from 'vitest';
import {
  string,
  type Serde,
  SerdeError,
  TopologyBuilder,
  type Topology,
} from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { expectInEveryRunMode } from '../../support/expect-in-every-run-mode.ts';

/** Text whose first letter has to be looked up once; what begins with `?` is never found. */
function lookedUp(): { readonly serde: Serde<string>; readonly asked: string[] } {
  const known = new Set<string>();
  const asked: string[] = [];
  const plain = string();
  const letterOf = (bytes: Uint8Array) => Buffer.from(bytes).toString().charAt(0);
  const look = async (letter: string): Promise<void> => {
    await Promise.resolve();
    if (letter === '?') throw new Error('nobody knows');
    known.add(letter);
  };
  const serde: Serde<string> = {
    format: 'looked-up',
    version: 1,
    serialize: (value) => plain.serialize(value),
    prepare(bytes) {
      const letter = letterOf(bytes);
      if (known.has(letter)) return null;
      asked.push(letter);
      return look(letter);
    },
    deserialize(bytes) {
      if (known.has(letterOf(bytes))) return plain.deserialize(bytes);
      throw new SerdeError('DESERIALIZATION', 'nobody knows');
    },
    trusted: () => plain,
  };
  return { serde, asked };
}

const record = (topic: string, value: string, timestamp: number) => ({
  topic,
  key: 'k',
  value,
  timestamp,
});

function merged(serde: Serde<string>): Topology {
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  const plain = builder.stream('a', { key: string(), value: string() });
  const prepared = builder.stream('b', { key: string(), value: serde });
  prepared.merge(plain).to('out', { key: string(), value: string() });
  return builder.build();
}

describe('a serde that has to look something up', () => {
  it('holds its partition until it is found, and changes no order', async () => {
    const { serde } = lookedUp();
    await expectInEveryRunMode({
      topology: merged(serde),
      isFilled: true,
      input: [record('a', 'p', 1), record('b', 'x1', 2), record('a', 'q', 3), record('b', 'x2', 4)],
      output: {
        out: ['p', 'x1', 'q', 'x2'].map((value, at) => ({ key: 'k', value, timestamp: at + 1 })),
      },
    });
  });

  it('lets what it does not find go the way of what cannot be decoded', async () => {
    const { serde, asked } = lookedUp();
    await expectInEveryRunMode({
      topology: merged(serde),
      input: [record('b', 'x1', 1), record('b', '?', 2), record('b', 'x2', 3)],
      output: {
        out: [
          { key: 'k', value: 'x1', timestamp: 1 },
          { key: 'k', value: 'x2', timestamp: 3 },
        ],
      },
      drops: ['deserialization'],
    });
    expect(asked.filter((letter) => letter === 'x')).toHaveLength(1);
  });

  it('lets a table of all workers wait too', async () => {
    const { serde } = lookedUp();
    const builder = new TopologyBuilder('app');
    const names = builder.globalTable('names', { name: 'names', key: string(), value: serde });
    builder
      .stream('in', { key: string(), value: string() })
      .join(names, { key: (id) => id, joiner: (_id, name) => name, value: string() })
      .to('out');
    await expectInEveryRunMode({
      topology: builder.build(),
      input: [record('names', 'Ann', 1), record('in', 'k', 2)],
      output: { out: [{ key: 'k', value: 'Ann', timestamp: 2 }] },
    });
  });

  it('is waited for by settled() in a test driver', async () => {
    const builder = new TopologyBuilder('app');
    builder.stream('in', { key: string(), value: lookedUp().serde }).to('out', { value: string() });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', { key: 'k', value: 'x' });
    expect(driver.read('out')).toEqual([]);
    await driver.settled();
    expect(driver.read('out')).toMatchObject([{ value: 'x' }]);
  });
});
