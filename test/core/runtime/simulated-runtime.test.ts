import { describe, expect, it } from 'vitest';
import { createSimulatedRuntime } from '../../../src/core/runtime/simulated-runtime.ts';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return [random.next(), random.hex(7), random.next()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('fills [0, 1) evenly', () => {
    const random = seededRandom(3);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? NaN) + 1;
    }
    expect(tenths.every((count) => count > 850 && count < 1150)).toBe(true);
  });

  it('gives as many hexadecimal digits as asked for', () => {
    expect(seededRandom(1).hex(9)).toMatch(/^[0-9a-f]{9}$/);
    expect(seededRandom(1).hex(0)).toBe('');
  });
});

describe('the simulated runtime', () => {
  it('calls in the order of time, and of arrival within one instant', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const calls: string[] = [];
    for (const [name, delayMs] of Object.entries({ c: 20, a: 10, d: 20, b: 10, e: 30 })) {
      runtime.scheduler.after(delayMs, () => calls.push(`${name}@${delayMs}`));
    }
    await runtime.advance(20);
    expect(calls).toEqual(['a@10', 'b@10', 'c@20', 'd@20']);
    await runtime.advance(10);
    expect(calls.at(-1)).toBe('e@30');
  });

  it('moves both clocks by virtual time alone', async () => {
    const runtime = createSimulatedRuntime({ seed: 1, startMs: 1_000 });
    const seen: number[] = [];
    runtime.scheduler.after(70, () => seen.push(runtime.clock.wallClockTimeMs()));
    await runtime.advance(100);
    expect(seen).toEqual([1_070]);
    expect(runtime.clock.wallClockTimeMs()).toBe(1_100);
    expect(runtime.clock.monotonicTimeMs()).toBe(100);
  });

  it('lets promises settle between two calls', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const steps: string[] = [];
    const walk = async (name: string) => {
      for (let step = 0; step < 3; step += 1) {
        await runtime.scheduler.sleep(10);
        await Promise.resolve();
        steps.push(`${name}${step}`);
      }
    };
    const walks = Promise.all([walk('a'), walk('b')]);
    await runtime.runUntil(walks);
    expect(steps).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect(runtime.clock.monotonicTimeMs()).toBe(30);
  });

  it('does not call what was cancelled', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const calls: string[] = [];
    const first = runtime.scheduler.after(5, () => calls.push('first'));
    runtime.scheduler.after(5, () => calls.push('second'));
    first.cancel();
    first.cancel();
    await runtime.runUntilIdle();
    expect(calls).toEqual(['second']);
  });

  it('runs until a promise settles, and no further', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    runtime.scheduler.after(1_000, () => undefined);
    await runtime.runUntil(runtime.scheduler.sleep(10));
    expect(runtime.clock.monotonicTimeMs()).toBe(10);
    const refused = runtime.scheduler.sleep(10).then(() => Promise.reject(new Error('refused')));
    await expect(runtime.runUntil(refused)).rejects.toThrow('refused');
  });

  it('says so when nothing scheduled can settle the promise', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const never = new Promise<void>(() => undefined);
    await expect(runtime.runUntil(never)).rejects.toMatchObject({ code: 'INVARIANT' });
  });

  it('holds back the calls of a suspended process and makes them up in order', async () => {
    const runtime = createSimulatedRuntime({ seed: 1 });
    const process = runtime.createProcess();
    const calls: string[] = [];
    process.scheduler.after(10, () => calls.push('first'));
    process.scheduler.after(20, () => calls.push('second'));
    const third = process.scheduler.after(30, () => calls.push('third'));
    runtime.scheduler.after(20, () => calls.push('other process'));
    process.suspend();
    await runtime.advance(100);
    expect(calls).toEqual(['other process']);
    third.cancel();
    process.resume();
    await runtime.runUntilIdle();
    expect(calls).toEqual(['other process', 'first', 'second']);
  });
});
