import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { operatorFamilies } from '../../scripts/pages/operator-families.ts';
import { operatorRows, stemOf } from '../../scripts/pages/operator-rows.ts';
import { rowsOfOperators } from '../../scripts/pages/operators-page.ts';
import { headingsOf } from './links.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const rows = rowsOfOperators(root);

it.each(rows)('$heading has a rule and a test', ({ rules, tests }) => {
  expect(rules).not.toEqual([]);
  expect(tests).not.toEqual([]);
});

it('a rule of an operator is a section of the semantics', () => {
  const sections = headingsOf(readFileSync(`${root}/docs/SEMANTICS.md`, 'utf8'));
  const rules = operatorFamilies.map(({ rule }) => rule);
  expect(rules.filter((rule) => !sections.includes(rule))).toEqual([]);
});

it('the map of families names no operator and no test that is gone', () => {
  const known = new Set(rows.flatMap(({ name, paths }) => [name, ...paths.map(stemOf)]));
  const named = operatorFamilies.flatMap(({ operators }) => operators);
  expect(named.filter((operator) => !known.has(operator))).toEqual([]);
  const tests = operatorFamilies.flatMap((family) => family.tests);
  expect(tests.filter((test) => !existsSync(`${root}/test/${test}.test.ts`))).toEqual([]);
});

it('an operator of no family, or that no test calls, stands there without', () => {
  const unknown = { name: 'KStream.vanish', heading: 'KStream.vanish()', paths: ['src/vanish.ts'] };
  const [row] = operatorRows(root, [unknown]);
  expect([row?.rules, row?.tests]).toEqual([[], []]);
  const uncalled = { ...unknown, paths: ['src/operators/filter.ts'] };
  expect(operatorRows(root, [uncalled])[0]).toMatchObject({
    rules: ['Stateless operators'],
    tests: [],
  });
});
