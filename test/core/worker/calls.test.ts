import { describe, expect, it } from 'vitest';
import { type MapAsyncOptions, string, TopologyBuilder } from '../../../src/index.ts';
import type { Runtime } from '../../../src/core/runtime/runtime.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

const text = { key: string(), value: string() };

/** Calls take as many milliseconds of virtual time as their value says. */
function mapping({ runtime }: { readonly runtime: Runtime }, options: MapAsyncOptions = {}) {
  const made: string[] = [];
  const aborted: string[] = [];
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', text)
    .mapAsync(
      async (value, _key, { signal }) => {
        made.push(value);
        signal.addEventListener('abort', () => aborted.push(value));
        await runtime.scheduler.sleep(Number(value));
        return `${value} ms`;
      },
      { ...options, value: string() },
    )
    .to('out');
  builder.stream('others', text).to('copies');
  return { topology: builder.build(), made, aborted };
}

describe('a worker whose tasks wait for calls', () => {
  it('commits when they have ended, and then all of it', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=500', 'b=1']));
    const { topology } = mapping(workshop);
    await workshop.start(topology, { commitInterval: '100ms' });
    await workshop.runtime.advance(450);
    expect(await workshop.values('out')).toEqual([]);
    await workshop.runtime.advance(100);
    expect(await workshop.values('out')).toEqual(['1 ms', '500 ms']);
  });

  it('goes on with its other tasks meanwhile, and with the next records afterwards', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=900']));
    const { topology, made } = mapping(workshop);
    const worker = await workshop.start(topology, { commitInterval: '100ms' });
    await workshop.runtime.advance(300);
    await workshop.feed('in', textRecords(['b=1'], 5));
    await workshop.feed('others', textRecords(['k=x']));
    await workshop.runtime.advance(300);
    expect(worker.status()).toMatchObject({ recordsIn: 2, recordsOut: 1 });
    expect(made).toEqual(['900']);
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['900 ms', '1 ms']);
    expect(await workshop.values('copies')).toEqual(['x']);
  });

  it('waits for them when it closes', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=300', 'b=200']));
    const { topology, aborted } = mapping(workshop);
    const worker = await workshop.start(topology);
    await workshop.runtime.advance(10);
    await workshop.until(worker.close());
    expect(await workshop.values('out')).toEqual(['200 ms', '300 ms']);
    expect(aborted).toEqual([]);
  });

  it("commits nothing of them once its tasks are another's, which makes them again", async () => {
    const workshop = new Workshop();
    const first = workshop.runtime.createProcess();
    await workshop.feed('in', textRecords(['a=500']));
    const stalled = mapping({ runtime: first });
    const started = { process: first, commitInterval: '10ms' } as const;
    const worker = await workshop.start(stalled.topology, started);
    await workshop.runtime.advance(100);
    first.suspend();
    await workshop.runtime.advance(1_000);
    const { topology, made } = mapping(workshop);
    const other = await workshop.start(topology, { commitInterval: '10ms' });
    await workshop.until(other.caughtUp());
    expect(await workshop.values('out')).toEqual(['500 ms']);
    first.resume();
    await workshop.runtime.advance(2_000);
    expect(worker.state).toBe('running');
    expect(await workshop.values('out')).toEqual(['500 ms']);
    expect([stalled.made, made]).toEqual([['500'], ['500']]);
  });

  it('writes nothing behind a call that has outlasted its lease', async () => {
    for (const guarantee of ['exactly-once', 'at-least-once'] as const) {
      const workshop = new Workshop();
      await workshop.feed('in', textRecords(['a=2000']));
      const { topology } = mapping(workshop);
      let isCutOff = false;
      const worker = await workshop.start(topology, {
        guarantee,
        intercept: ({ api }, go) => {
          return isCutOff && api === 'heartbeat' ? new Promise(() => undefined) : go();
        },
      });
      await workshop.runtime.advance(100);
      isCutOff = true;
      void worker.close();
      await workshop.runtime.advance(3_000);
      expect(await workshop.values('out')).toEqual([]);
    }
  });

  it('on virtual time gives the same in a second run, even without order', async () => {
    const values = Array.from({ length: 30 }, (_, index) => `k=${(index * 37) % 50}`);
    const outputs: (string | null)[][] = [];
    for (let runs = 0; runs < 2; runs += 1) {
      const workshop = new Workshop();
      await workshop.feed('in', textRecords(values));
      const { topology } = mapping(workshop, { order: 'none', maxInFlight: 5 });
      const worker = await workshop.start(topology);
      await workshop.until(worker.caughtUp());
      outputs.push(await workshop.values('out'));
    }
    const [first, second] = outputs;
    expect(first).toHaveLength(30);
    expect(first).not.toEqual(values.map((text) => `${text.slice(2)} ms`));
    expect(second).toEqual(first);
  });

  it('stops with the error of a call whose policy is to fail', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=100', 'b=2000']));
    const { topology, aborted } = mapping(workshop, { timeout: '1s' });
    const worker = await workshop.start(topology);
    const error = await workshop
      .until(worker.finished)
      .then(() => null)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'CALL_TIMED_OUT',
      where: { node: 'map-async-1', topic: 'in', offset: 1 },
    });
    expect(aborted).toEqual(['2000']);
    expect(await workshop.values('out')).toEqual([]);
  });
});
