import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorFamilies, type OperatorFamily } from './operator-families.ts';

/** A public operator as the page has it. */
export interface Operator {
  /** Method with its handle, or function. */
  readonly name: string;
  readonly heading: string;
  readonly paths: readonly string[];
}

/** Operator, rule, source, test. */
export interface OperatorRow extends Operator {
  /** Headings of `docs/SEMANTICS.md`. */
  readonly rules: readonly string[];
  readonly tests: readonly string[];
}

export function operatorRows(root: string, operators: readonly Operator[]): readonly OperatorRow[] {
  return operators.map((operator) => {
    const families = familiesOf(operator);
    const rules = [...new Set(families.map(({ rule }) => rule))];
    return { ...operator, rules, tests: testsOf(root, operator, families) };
  });
}

function familiesOf({ name, paths }: Operator): readonly OperatorFamily[] {
  const names = new Set([name, ...paths.map(stemOf)]);
  return operatorFamilies.filter(({ operators }) => operators.some((one) => names.has(one)));
}

/** The tests of the family and those called like the file or the method, if they call it. */
function testsOf(
  root: string,
  { name, paths }: Operator,
  families: readonly OperatorFamily[],
): readonly string[] {
  const [method = name] = name.split('.').reverse();
  const names = [...paths.map(stemOf), kebab(method)].map((stem) => stem.replace(/^.*\//, ''));
  const alike = names.flatMap((stem) => [`operators/${stem}`, `properties/${stem}.property`]);
  const files = [...families.flatMap(({ tests }) => tests), ...alike];
  const call = new RegExp(name === method ? `\\b${method}\\b` : `\\.${method}\\b`);
  const tests = [...new Set(files)].map((file) => `test/${file}.test.ts`);
  return tests.sort().filter((path) => {
    const file = join(root, path);
    return existsSync(file) && call.test(readFileSync(file, 'utf8'));
  });
}

/** As the map of families names a file. */
export function stemOf(path: string): string {
  return path.replace(/^src\/(operators\/)?/, '').replace(/\.ts$/, '');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
