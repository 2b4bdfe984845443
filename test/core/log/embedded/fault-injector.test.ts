import { describe, expect, it } from 'vitest';
import {
  createFaultInjector,
  type FaultInjectorOptions,
} from '../../../../src/core/log/embedded/fault-injector.ts';
import { createSimulatedRuntime } from '../../../../src/core/runtime/simulated-runtime.ts';

const never = { delay: 0, fail: 0, loseAnswer: 0 };

function create(options: Partial<FaultInjectorOptions> = {}) {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const { scheduler } = runtime;
  const injector = createFaultInjector({
    seed: 1,
    scheduler,
    rates: never,
    maxDelayMs: 20,
    ...options,
  });
  const made: number[] = [];
  const request = (api: string, name: number) =>
    injector.intercept({ api }, async () => {
      made.push(name);
      return name;
    });
  return { runtime, injector, made, request };
}

/** What became of `count` requests, one after the other. */
async function play({ runtime, request }: ReturnType<typeof create>, count: number) {
  const outcomes: string[] = [];
  for (let name = 0; name < count; name += 1) {
    const settled = request('produce', name).then(String, (error: { code: string }) => error.code);
    outcomes.push(`${await runtime.runUntil(settled)}@${runtime.clock.monotonicTimeMs()}`);
  }
  return outcomes;
}

describe('the fault injector', () => {
  const rates = { delay: 0.3, fail: 0.2, loseAnswer: 0.2 };

  it('does the same for the same seed, and something else for another', async () => {
    const [first, again, other] = [1, 1, 2].map((seed) => create({ seed, rates }));
    const outcomes = await play(first!, 50);
    expect(await play(again!, 50)).toEqual(outcomes);
    expect(again?.injector.trace).toEqual(first?.injector.trace);
    expect(await play(other!, 50)).not.toEqual(outcomes);
  });

  it('does each fault about as often as asked for', async () => {
    const played = create({ rates });
    await play(played, 2_000);
    const { trace } = played.injector;
    const shareOf = (outcome: string) =>
      trace.filter((fault) => fault.outcome === outcome).length / 2_000;
    expect(shareOf('failed')).toBeCloseTo(0.2, 1);
    expect(shareOf('answer-lost')).toBeCloseTo(0.2, 1);
    const delays = trace.map((fault) => fault.delayBeforeMs + fault.delayAfterMs);
    expect(delays.filter((delayMs) => delayMs > 0).length / 2_000).toBeCloseTo(0.3, 1);
    expect(Math.max(...delays)).toBe(20);
  });

  it('fails without making the request, to be repeated or not', async () => {
    const { injector, made, request } = create({ rates: { ...never, fail: 1 } });
    for (let name = 0; name < 20; name += 1) {
      await expect(request('produce', name)).rejects.toMatchObject({ code: 'INJECTED_FAULT' });
    }
    expect(made).toEqual([]);
    const classes = new Set(injector.trace.map((fault) => fault.errorClass));
    expect([...classes].toSorted()).toEqual(['abort-and-reinitialise', 'retriable']);
  });

  it('loses the answer of a request that was made', async () => {
    const { made, request } = create({ rates: { ...never, loseAnswer: 1 } });
    await expect(request('commit', 7)).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      errorClass: 'abort-and-reinitialise',
    });
    expect(made).toEqual([7]);
  });

  it('hands on what the request itself throws', async () => {
    const { injector } = create({ rates: { ...never, loseAnswer: 1 } });
    const own = injector.intercept({ api: 'produce' }, () => Promise.reject(new Error('own')));
    await expect(own).rejects.toThrow('own');
  });

  it('leaves other kinds of request alone', async () => {
    const { request } = create({ rates: { ...never, fail: 1 }, apis: ['produce'] });
    expect(await request('fetch', 1)).toBe(1);
    await expect(request('produce', 2)).rejects.toMatchObject({ code: 'INJECTED_FAULT' });
  });

  it('can be switched off and on', async () => {
    const { injector, request } = create({ rates: { ...never, fail: 1 } });
    injector.switchOff();
    expect(await request('produce', 1)).toBe(1);
    injector.switchOn();
    await expect(request('produce', 2)).rejects.toMatchObject({ code: 'INJECTED_FAULT' });
    expect(injector.trace.map((fault) => fault.request)).toEqual([0]);
  });

  it('refuses rates that are no shares', () => {
    for (const bad of [{ fail: -0.1 }, { delay: 1.1 }, { fail: 0.6, loseAnswer: 0.6 }]) {
      const rates = { ...never, ...bad };
      expect(() => create({ rates })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    }
  });
});
