import { describe, expect, it } from 'vitest';
import { isPromise } from '../../src/core/model/maybe-promise.ts';
import type { Row } from '../../src/core/model/record.ts';
import { expiringRows } from '../../src/operators/internal/expiring-rows.ts';
import {
  every,
  onCommit,
  type ProcessorContext,
  type StreamRecord,
  string,
  type Topology,
  TopologyBuilder,
  type TopologyError,
} from '../../src/index.ts';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { keyValueStore } from '../../src/state/store-definitions.ts';
import { type ExpiringDefinition, isExpiring } from '../../src/state/expiring-definition.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { openOptions } from '../state/support.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

const serdes = { key: string(), value: string() };
const at = (key: string, value: string | null, timestamp: number) => ({
  topic: 'in',
  key,
  value,
  timestamp,
});
const out = (key: string, value: unknown, timestamp: number) => ({ key, value, timestamp });

function expiring(timeToLive: number): Topology {
  const builder = new TopologyBuilder('test');
  builder
    .table('in', { name: 'rows', ...serdes, timeToLive })
    .toStream()
    .to('out');
  return builder.build();
}

describe('a time to live', () => {
  it('counts from the row: an older write shortens it, a newer one renews it', () =>
    expectInEveryRunMode({
      topology: expiring(10),
      input: [at('a', '1', 8), at('a', '2', 3), at('b', '1', 3), at('b', '2', 9)].concat(
        at('x', '1', 13),
        at('x', '2', 19),
      ),
      output: {
        out: [
          out('a', '1', 8),
          out('a', '2', 3),
          out('b', '1', 3),
          out('b', '2', 9),
          out('a', null, 13),
          out('x', '1', 13),
          out('b', null, 19),
          out('x', '2', 19),
        ],
      },
      drops: [],
    }));

  it('a delete that comes too late for a write is none too late', () =>
    expectInEveryRunMode({
      topology: expiring(10),
      input: [at('a', '1', 20), at('a', null, 1), at('a', '2', 1)],
      output: { out: [out('a', '1', 20), out('a', null, 1)] },
      drops: ['expired'],
    }));

  it('leaves nothing behind: neither rows nor what found them', () => {
    const driver = new TopologyTestDriver(expiring(10));
    for (let timestamp = 0; timestamp < 50; timestamp += 1) {
      driver.send('in', at(`k${timestamp % 7}`, 'v', timestamp));
    }
    driver.send('in', at('x', 'v', 1000));
    driver.crash();
    expect(driver.store('rows').entries()).toEqual([['x', 'v']]);
    expect(driver.readTable('test-rows-changelog').size).toBe(1);
    // The last row and the time to live itself.
    expect(driver.readTable('test-rows-expiry-changelog').size).toBe(2);
  });

  it('a key that is written all the time is noted but once in a time to live', () => {
    const driver = new TopologyTestDriver(expiring(10));
    for (let timestamp = 0; timestamp <= 100; timestamp += 1) {
      driver.send('in', at('k', 'v', timestamp));
    }
    expect(driver.read('test-rows-expiry-changelog').length).toBeLessThan(40);
  });

  it.each([every(5), onCommit()])('is told by the policy $kind like any other change', (emit) => {
    const builder = new TopologyBuilder('test');
    builder
      .stream('in', serdes)
      .groupByKey()
      .count({ name: 'rows', timeToLive: 10, emit })
      .toStream()
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', at('a', 'v', 1));
    driver.send('in', at('b', 'v', 7));
    driver.send('in', at('c', 'v', 20));
    const ofA = driver.read('out').filter(({ key }) => key === 'a');
    expect(ofA.map(({ value, timestamp }) => [value, timestamp])).toEqual([
      [1, 1],
      [null, 11],
    ]);
  });

  it.each(['process', 'processValues'] as const)('of a store holds in %s too', (operator) => {
    const rows = keyValueStore({ name: 'rows', ...serdes, timeToLive: 10 });
    const definition = {
      name: 'keep',
      stores: [rows],
      create(context: Pick<ProcessorContext<never, never>, 'store'>) {
        const store = context.store(rows);
        const process = ({ key, value, timestamp }: StreamRecord<string | null, string>) =>
          store.put(key ?? '', { value, timestamp });
        return { process };
      },
    };
    const builder = new TopologyBuilder('test');
    const stream = builder.stream('in', serdes);
    if (operator === 'process') stream.process(definition);
    else stream.processValues(definition);
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', [at('a', 'v', 1), at('b', 'v', 9), at('c', 'v', 11)]);
    driver.crash();
    expect(driver.store('rows').entries()).toEqual([
      ['b', 'v'],
      ['c', 'v'],
    ]);
  });

  it('of 0, or beside a history, is refused', () => {
    expect(thrownBy(() => expiring(0)).code).toBe('BAD_OPTION');
    const builder = new TopologyBuilder('test');
    builder.table('in', { name: 'rows', ...serdes, timeToLive: 1, versioned: { history: 1 } });
    const error = thrownBy(() => builder.build()) as TopologyError; // build() throws no other
    expect(error.problems.map(({ code, node }) => [code, node])).toEqual([['BAD_OPTION', 'rows']]);
  });

  it('that is new or shorter than before holds for the rows that are there', async () => {
    const definition = (timeToLive: number) => {
      const made = keyValueStore({ name: 'rows', ...serdes, timeToLive });
      if (!isExpiring(made)) throw new Error('It has a time to live.');
      return made as ExpiringDefinition<string, string>; // of these serdes
    };
    const stores = [definition(100), definition(100).expiry.due];
    const state = await memoryBackend().open({ ...openOptions, stores, rawStores: [] });
    const opened = (timeToLive: number) => {
      const timers: number[] = [];
      const rows = expiringRows(
        {
          store: (own) => state.store(own),
          streamTimeMs: 50,
          schedule: (request: object) => void timers.push('at' in request ? Number(request.at) : 0),
          drop: () => undefined,
          scan(store, range, visit) {
            const entries = store.openScan(range).next(100);
            if (!isPromise(entries)) entries.forEach(visit);
          },
        },
        definition(timeToLive),
        () => undefined,
      );
      return { ...rows, timers };
    };
    const row = (timestamp: number): Row<string> => ({ value: 'v', timestamp });
    state.store(definition(100)).put('old', row(45));
    const first = opened(100);
    first.store.put('a', row(50));
    expect(first.timers).toEqual([145, 150]);
    const shorter = opened(10);
    shorter.store.put('b', row(50));
    expect(shorter.timers).toEqual([60, 55, 60]);
    const longer = opened(20);
    longer.store.put('c', row(50));
    expect(longer.timers).toEqual([70]);
  });
});
