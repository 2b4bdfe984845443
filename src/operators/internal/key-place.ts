import type { Handle } from './handle.ts';

/**
 * What works by key inside a partition must not come behind a change of key: equal keys may lie in
 * several partitions then.
 */
export function requireKeyInPlace({ draft, isKeyChanged }: Handle, node: string): void {
  if (!isKeyChanged) return;
  const message =
    `'${node}' works inside a partition, and the key was changed before it, so that records of one ` +
    'key lie in several: put `repartition({ name })` in front of it';
  draft.problems.push({ code: 'INVALID_TOPOLOGY', node, message });
}
