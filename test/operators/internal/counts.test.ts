import { expect, it } from 'vitest';
import { noHeaders } from '../../../src/index.ts';
import { tableCountStep } from '../../../src/operators/internal/pair-steps.ts';
import { countStep } from '../../../src/operators/internal/steps.ts';
import { thrownBy } from '../../support/thrown.ts';

const most = { value: Number.MAX_SAFE_INTEGER, timestamp: 0 };
const record = { key: 'k', timestamp: 0, headers: noHeaders };

it('a count that would leave the safe integers is OVERFLOW, on streams and on tables', () => {
  const pair = { row: 'r', oldValue: null, newValue: 'v' };
  const counts = [
    () => countStep('counts')(most, { ...record, value: 'v' }, 0, 0),
    () => tableCountStep('counts')(most, { ...record, value: pair }, 0, 0),
  ];
  for (const count of counts) {
    expect(thrownBy(count)).toMatchObject({ code: 'OVERFLOW', where: { node: 'counts' } });
  }
});

it('a row that changes inside its group takes its place again, even in the fullest group', () => {
  const pair = { row: 'r', oldValue: 'v', newValue: 'w' };
  expect(tableCountStep('counts')(most, { ...record, value: pair }, 0, 0)).toBe(most.value);
});
