import type { Handle } from './handle.ts';

/** Notes a problem of the plan unless the precision is one that a HyperLogLog can have. */
export function checkPrecision(
  { draft }: Handle,
  node: string,
  precision: number | undefined,
): void {
  if (precision === undefined) return;
  if (Number.isInteger(precision) && precision >= 4 && precision <= 18) return;
  const message = `the \`precision\` of '${node}' is ${precision}: give a whole number from 4 to 18`;
  draft.problems.push({ code: 'BAD_OPTION', node, message });
}
