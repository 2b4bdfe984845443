/** What differs between two multisets of lines: `-` missing, `+` there too often. */
export function multisetDifferences(
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of found) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts].flatMap(([line, count]) =>
    Array.from({ length: Math.abs(count) }, () => `${count < 0 ? '-' : '+'} ${line}`),
  );
}

const shown = 5;

/** The first of them: a report of many thousands is read by nobody. */
export function firstDifferences(
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  return multisetDifferences(expected, found).slice(0, shown);
}
