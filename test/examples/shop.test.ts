import { expect, it } from 'vitest';
import { playShop } from '../../examples/shop/play-shop.ts';

it('the shop tells visits, unpaid orders and best sales of its sample', async () => {
  // The order of 80 is not paid: it is no sale.
  const lines: string[] = [];
  await playShop((line) => void lines.push(line));
  expect(lines).toEqual([
    'visit of ann: 19 minutes, clicks: 2',
    'visit of bob: 0 minutes, clicks: 1',
    'visit of ann: 0 minutes, clicks: 1',
    'unpaid: o5, 80',
    'best of kitchen: kettle 40, knife 25',
    'best of light: lamp 30',
  ]);
});
