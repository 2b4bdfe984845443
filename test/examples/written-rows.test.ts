import { expect, it } from 'vitest';
import { WrittenRows } from '../../examples/program/written-rows.ts';

it('Rows that are not counted yet leave the markers between them out', () => {
  const written = new WrittenRows([0, 0]);
  written.add({ partition: 0, baseOffset: 0, count: 10 });
  written.add({ partition: 0, baseOffset: 11, count: 10 });
  written.add({ partition: 1, baseOffset: 0, count: 5 });
  expect(written.countFrom([0, 0])).toBe(25);
  expect(written.countFrom([10, 2])).toBe(13);
  expect(written.countFrom([11, 5])).toBe(10);
  expect(written.countFrom([22, 6])).toBe(0);
});

it('Rows of earlier starts count by their offsets', () => {
  expect(new WrittenRows([100, 50]).countFrom([90, 50])).toBe(10);
});
