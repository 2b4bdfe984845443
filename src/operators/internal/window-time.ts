import type { ProcessorContext } from '../../core/topology/processor.ts';

type TimeContext = Pick<ProcessorContext<never, never>, 'streamTimeMs' | 'closedMs'>;

/**
 * Windows whose end is not above what this returns are closed. There is no second inequality. What
 * was closed before the start stays so, even if the grace is longer now; what closes later cannot
 * pass stream time less the grace, so the committed mark is read once.
 */
export function closedUpTo(
  context: TimeContext,
  { graceMs }: { readonly graceMs: number },
): () => number {
  const closedBeforeMs = context.closedMs;
  return () => Math.max(context.streamTimeMs - graceMs, closedBeforeMs);
}
