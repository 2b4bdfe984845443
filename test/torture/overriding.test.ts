import { expect, it } from 'vitest';
import { overriding } from './overriding.ts';

class Counter {
  private count = 0;
  get total(): number {
    return this.count;
  }
  add(by: number): void {
    this.count += by;
  }
}

it('what is not replaced is the object’s own, getters and state included', () => {
  const counter = new Counter();
  const doubled = overriding(counter, { add: (by) => counter.add(2 * by) });
  doubled.add(3);
  expect(doubled.total).toBe(6);
  expect(overriding(counter, {}).total).toBe(6);
});
