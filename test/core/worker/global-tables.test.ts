import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { embedded, int64, run, string, TopologyBuilder } from '../../../src/index.ts';
import { feed, readAll } from '../../support/log-records.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-'));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

function topology(serde = string()) {
  const builder = new TopologyBuilder('app');
  const cities = builder.globalTable('cities', { name: 'cities', key: string(), value: serde });
  builder
    .stream('guests', { key: string(), value: string() })
    .leftJoin(cities, {
      key: (code) => code,
      joiner: (code, city) => `${code}+${city}`,
      value: string(),
    })
    .to('out');
  return builder.build();
}

const at = (key: string, value: string | null) => ({ key, value, timestamp: 0 });
const cities = Array.from({ length: 300 }, (_, index) => at(`c${index}`, `city ${index}`));
const guests = cities.map(({ key }, index) => at(`g${index}`, key));

const valuesOf = async (log: ReturnType<typeof embedded>) =>
  (await readAll(log, 'out')).map(({ value }) => value?.toString());

describe('a worker with a global table', () => {
  it('has all rows before it takes the first record', async () => {
    const log = embedded();
    await feed(log, 'guests', guests);
    await feed(log, 'cities', cities);
    const worker = await run(topology(), { log, stateDir });
    await worker.caughtUp();
    await worker.close();
    const expected = cities.map(({ key, value }) => `${key}+${value}`);
    expect((await valuesOf(log)).toSorted()).toEqual(expected.toSorted());
    await log.close();
  });

  it('follows the topic, and so does every other worker', async () => {
    const log = embedded();
    await feed(log, 'cities', [at('BER', 'Berlin')]);
    const workers = [
      await run(topology(), { log, stateDir, heartbeatInterval: '50ms' }),
      await run(topology(), { log, stateDir, heartbeatInterval: '50ms' }),
    ];
    await vi.waitUntil(() => workers.every((own) => own.status().tasks.length === 2), {
      timeout: 20_000,
    });
    await feed(log, 'cities', [at('BER', 'B'), at('OSL', 'Oslo')]);
    await Promise.all(workers.map((own) => own.caughtUp()));
    const codes = Array.from({ length: 20 }, (_, index) =>
      at(`g${index}`, index % 2 ? 'BER' : 'OSL'),
    );
    await feed(log, 'guests', codes);
    await Promise.all(workers.map((own) => own.caughtUp()));
    const found = new Set(await valuesOf(log));
    expect(found).toEqual(new Set(['BER+B', 'OSL+Oslo']));
    for (const own of workers) await own.close();
    await log.close();
  });

  it('goes on after a restart where its own copy is', async () => {
    const log = embedded();
    await feed(log, 'cities', cities);
    const options = { log, stateDir, instanceId: 'one' };
    const first = await run(topology(), options);
    expect(first.status().recordsIn).toBe(cities.length);
    await first.close();
    await feed(log, 'cities', [at('c1', 'new'), at('c2', null)]);
    const second = await run(topology(), options);
    expect(second.status().recordsIn).toBe(2);
    await feed(log, 'guests', guests.slice(0, 4));
    await second.caughtUp();
    await second.close();
    const expected = ['c0+city 0', 'c1+new', 'c2+null', 'c3+city 3'];
    expect((await valuesOf(log)).toSorted()).toEqual(expected);
    await log.close();
  });

  it('reads the topic again where the copy is of another format', async () => {
    const log = embedded();
    await feed(log, 'cities', [at('c', '12345678')]);
    const options = { log, stateDir, instanceId: 'one' };
    await (await run(topology(), options)).close();
    const other = { ...string(), version: 2 };
    const worker = await run(topology(other), options);
    expect(worker.status().recordsIn).toBe(1);
    await worker.close();
    await log.close();
  });

  it('does not start with what it cannot read', async () => {
    const log = embedded();
    const builder = new TopologyBuilder('app');
    builder.globalTable('numbers', { name: 'numbers', key: string(), value: int64() });
    builder.stream('in', { key: string(), value: string() }).to('out');
    await feed(log, 'numbers', [at('a', 'no number')]);
    await expect(run(builder.build(), { log, stateDir })).rejects.toMatchObject({
      code: 'DESERIALIZATION',
    });
    await log.close();
  });
});
