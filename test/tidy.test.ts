import { describe, expect, it } from 'vitest';
import { type Rule, projectOf } from './tidy/project.ts';
import { readProject } from './tidy/read-project.ts';
import { noCycles } from './tidy/rules/cycles.ts';
import { dependencyHome } from './tidy/rules/dependencies.ts';
import { importDirection } from './tidy/rules/direction.ts';
import { docstrings } from './tidy/rules/docstrings.ts';
import { exportsByHand } from './tidy/rules/exports.ts';
import { hiddenInputs, noConsole, testTiming } from './tidy/rules/hidden-inputs.ts';
import { importPaths } from './tidy/rules/import-paths.ts';
import { laws } from './tidy/rules/laws.ts';
import * as limits from './tidy/rules/limits.ts';
import { moduleMap } from './tidy/rules/module-map.ts';
import { names, noFocus } from './tidy/rules/names.ts';
import { operatorSiblings } from './tidy/rules/operator-siblings.ts';
import { encodedKeys, syncOperators } from './tidy/rules/operators.ts';
import { asReason, extendsDepth, noAny, noEnum } from './tidy/rules/types.ts';
import { allowances } from './tidy.allow.ts';

const rules: readonly Rule[] = [
  importDirection,
  noCycles,
  importPaths,
  operatorSiblings,
  dependencyHome,
  hiddenInputs,
  noConsole,
  testTiming,
  syncOperators,
  encodedKeys,
  noAny,
  asReason,
  noEnum,
  extendsDepth,
  exportsByHand,
  names,
  noFocus,
  docstrings,
  moduleMap,
  laws,
  limits.fileLimit,
  limits.functionLimit,
  limits.parameterLimit,
  limits.overloadLimit,
  limits.widthLimit,
  limits.finished,
];

const project = readProject(new URL('..', import.meta.url).pathname);

describe.each(rules)('$name', ({ name, check, bad, good }) => {
  const findings = check(project);
  const rows = allowances.filter(({ rule }) => rule === name);

  it('holds in this project', () => {
    const open = findings.filter(({ path }) => rows.every((row) => row.path !== path));
    expect(open.map(({ path, line, message }) => `${path}:${line} ${message}`)).toEqual([]);
  });

  it('has no allowance that is no longer needed', () => {
    const unused = rows.filter((row) => findings.every(({ path }) => path !== row.path));
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(bad))('refuses: %s', (_label, files) => {
    expect(check(projectOf(files))).not.toEqual([]);
  });

  it.each(Object.entries(good))('accepts: %s', (_label, files) => {
    expect(check(projectOf(files))).toEqual([]);
  });
});

it('each allowance names a rule and gives a reason', () => {
  const known = rules.map(({ name }) => name);
  const wrong = allowances.filter(({ rule, reason }) => !known.includes(rule) || reason === '');
  expect(wrong).toEqual([]);
});
