import type { Dump, Section } from './dump.ts';

export type Guarantee = 'exactly-once' | 'at-least-once';

const maxShown = 5;

/** What differs between a disturbed run and one that was not, a line for each difference. */
export function differences(expected: Dump, actual: Dump, guarantee: Guarantee): string[] {
  const names = new Set([...expected.keys(), ...actual.keys()]);
  return [...names].sort().flatMap((name) => {
    const [wanted, got] = [expected.get(name), actual.get(name)];
    if (wanted === undefined) return [`${name}: not in the undisturbed run`];
    if (got === undefined) return [`${name}: missing`];
    const found = compareSections(wanted, got, guarantee);
    const rest = found.length > maxShown ? [`... and ${found.length - maxShown} more`] : [];
    return [...found.slice(0, maxShown), ...rest].map((line) => `${name}: ${line}`);
  });
}

function compareSections(expected: Section, actual: Section, guarantee: Guarantee): string[] {
  if (guarantee === 'exactly-once' || expected.kind === 'state') {
    return expected.kind === 'ordered'
      ? inOrder(expected.lines, actual.lines)
      : asSets(expected.lines, actual.lines);
  }
  return expected.kind === 'ordered'
    ? withRepeats(expected.lines, actual.lines)
    : asSets(keysOf(expected), keysOf(actual));
}

/** Only up to the first difference: what follows is shifted. */
function inOrder(expected: readonly string[], actual: readonly string[]): string[] {
  const length = Math.max(expected.length, actual.length);
  for (let index = 0; index < length; index++) {
    if (expected[index] === actual[index]) continue;
    const counts = `${actual.length} records for ${expected.length}`;
    return [`#${index} ${actual[index] ?? 'none'}, not ${expected[index] ?? 'none'} (${counts})`];
  }
  return [];
}

function asSets(expected: readonly string[], actual: readonly string[]): string[] {
  const [wanted, got] = [new Set(expected), new Set(actual)];
  const missing = expected.filter((line) => !got.has(line)).map((line) => `missing ${line}`);
  const extra = actual.filter((line) => !wanted.has(line)).map((line) => `unexpected ${line}`);
  return [...missing, ...extra];
}

/** At least once: nothing lost and nothing new, and the first of each in order. */
function withRepeats(expected: readonly string[], actual: readonly string[]): string[] {
  const found = asSets(expected, actual);
  return found.length > 0 ? found : inOrder([...new Set(expected)], [...new Set(actual)]);
}

/** Behind a repartition topic a repeated record counts again, so only keys are comparable. */
function keysOf({ lines }: Section): string[] {
  return lines.map((line) => line.slice(0, line.indexOf(' = ')));
}
