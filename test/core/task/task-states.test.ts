import { expect, it } from 'vitest';
import { type TaskState, transition } from '../../../src/core/task/task-states.ts';
import { thrownBy } from '../../support/thrown.ts';

const states: readonly TaskState[] = ['created', 'restoring', 'running', 'closing', 'closed'];

const allowed = new Set([
  'created>restoring',
  'restoring>running',
  'created>closing',
  'restoring>closing',
  'running>closing',
  'closing>closed',
]);

it('a task takes the steps of the table and no other', () => {
  for (const from of states) {
    for (const to of states) {
      if (allowed.has(`${from}>${to}`)) expect(transition(from, to)).toBe(to);
      else expect(thrownBy(() => transition(from, to)).code).toBe('INVARIANT');
    }
  }
});
