import { describe, expect, it } from 'vitest';
import { readBootId } from '../../../src/core/runtime/boot-id.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';

describe('the system runtime', () => {
  const { clock, random, scheduler } = systemRuntime;

  it('has a monotonic clock that sleeping moves', async () => {
    const beforeMs = clock.monotonicTimeMs();
    await scheduler.sleep(2);
    await scheduler.yieldNow();
    expect(clock.monotonicTimeMs()).toBeGreaterThan(beforeMs);
    expect(Number.isInteger(clock.wallClockTimeMs())).toBe(true);
  });

  it('calls later, unless cancelled', async () => {
    const calls: string[] = [];
    const cancelled = scheduler.after(1, () => calls.push('cancelled'));
    cancelled.cancel();
    await new Promise<void>((resolve) => {
      scheduler.after(2, () => {
        calls.push('called');
        resolve();
      });
    });
    expect(calls).toEqual(['called']);
  });

  it('does not call at once what is due in a month', async () => {
    const calls: string[] = [];
    const late = scheduler.after(2 ** 31 + 5, () => calls.push('late'));
    await scheduler.sleep(5);
    late.cancel();
    expect(calls).toEqual([]);
  });

  it('gives as many hexadecimal digits as asked for', () => {
    expect(random.hex(5)).toMatch(/^[0-9a-f]{5}$/);
    expect(random.hex(16)).not.toBe(random.hex(16));
    expect(random.next()).toBeLessThan(1);
  });

  it('names one boot by one id', () => {
    expect(readBootId()).toBe(readBootId());
    expect(readBootId() ?? 'not told').toMatch(/^([0-9a-f-]{36}|not told)$/);
  });
});
