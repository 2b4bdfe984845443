import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  keyValueStore,
  noHeaders,
  number,
  onCommit,
  onUpdate,
  type ProcessorContext,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { expectInEveryRunMode, type Expectation } from './expect-in-every-run-mode.ts';
import { levelDriver } from './level-driver.ts';
import { takenInOrder } from './taking-order.ts';

const serdes = { key: string(), value: string() };
const input = [1, 2, 3].map((timestamp) => ({ topic: 'in', key: 'a', value: 'v', timestamp }));
const counted: Pick<Expectation, 'input' | 'output' | 'drops'> = {
  input,
  output: { out: [1, 2, 3].map((value) => ({ key: 'a', value, timestamp: value })) },
  drops: [],
};

const seen = keyValueStore({ name: 'seen', key: string(), value: number() });

type Context = ProcessorContext<string, number>;

function processTopology(count: (context: Context) => () => number): Topology {
  const builder = new TopologyBuilder('modes');
  const definition = {
    name: 'count',
    stores: [seen],
    create(context: Context) {
      const next = count(context);
      return {
        process({ timestamp }: { readonly timestamp: number }) {
          context.forward({ key: 'a', value: next(), timestamp, headers: noHeaders });
        },
      };
    },
  };
  builder.stream('in', serdes).process(definition, { key: string(), value: number() }).to('out');
  return builder.build();
}

const inStore = processTopology((context) => {
  const store = context.store(seen);
  return () => {
    const value = (store.get('a')?.value ?? 0) + 1;
    store.put('a', { value, timestamp: 0 });
    return value;
  };
});

const inClosure = processTopology(() => {
  let value = 0;
  return () => (value += 1);
});

function countTopology(emit: EmitPolicy): Topology {
  const builder = new TopologyBuilder('modes');
  builder.stream('in', serdes).groupByKey().count({ name: 'counts', emit }).toStream().to('out');
  return builder.build();
}

describe('the run modes', () => {
  it('agree on an operator that keeps its state in a store, on memory and on disk', async () => {
    await expectInEveryRunMode({ topology: inStore, ...counted });
    await expectInEveryRunMode({ topology: inStore, ...counted }, levelDriver);
    await expectInEveryRunMode({ topology: countTopology(onUpdate()), ...counted }, levelDriver);
  });

  it('reject an operator that forgets at a crash', async () => {
    const broken = expectInEveryRunMode({ topology: inClosure, ...counted });
    await expect(broken).rejects.toThrow('crash and restore after each');
  });

  it('reject an operator whose output depends on commits', async () => {
    const broken = expectInEveryRunMode({ topology: countTopology(onCommit()), ...counted });
    await expect(broken).rejects.toThrow('record by record');
  });
});

describe('one batch', () => {
  it('is cut where a task would take the records in another order', () => {
    const builder = new TopologyBuilder('modes');
    const table = builder.table('rows', { name: 'rows', ...serdes });
    builder
      .stream('in', serdes)
      .join(table, (left) => left, { value: string() })
      .to('out');
    const at = (topic: string, timestamp: number) => ({ topic, key: 'a', value: 'v', timestamp });
    const records = [at('rows', 5), at('in', 5), at('in', 3), at('rows', 4), at('in', 9)];
    const batches = takenInOrder(builder.build(), records);
    expect(batches).toEqual([records.slice(0, 3), records.slice(3)]);
  });
});
