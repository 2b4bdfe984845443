import { expect, it } from 'vitest';
import { progressLine } from '../../examples/view-counts/progress.ts';
import { topPages } from '../../examples/view-counts/results.ts';

const window = { windowStart: 0, windowEnd: 60_000 };

it('the table has the pages with the most views over all windows, equal ones by name', () => {
  const windows = [
    { ...window, key: '/b', count: 700 },
    { ...window, key: '/a', count: 700 },
    { ...window, key: '/c', count: 600 },
    { ...window, key: '/c', count: 634, open: true as const },
    { ...window, key: '/d\u001b[2J', count: 1 },
  ];
  expect(topPages(windows, 4)).toEqual([
    'rank  views  page',
    '   1  1,234  /c',
    '   2    700  /a',
    '   3    700  /b',
    '   4      1  /d?[2J',
  ]);
});

it('the progress line names each reason of a drop', () => {
  const drops = new Map([
    ['late', 1200],
    ['deserialization', 3],
  ]);
  expect(progressLine({ rows: 2000, processed: 1500, windowsClosed: 7, drops }, 900)).toBe(
    '1,500 of 2,000 records | 900/s | 7 windows closed | dropped: late 1,200, deserialization 3',
  );
});
