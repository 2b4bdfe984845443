import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import { type Call, type DeathAt, moments } from '../mortal-ports.ts';

/** How one life of the child is to end, unless it is done before. */
export type Death =
  | { readonly kind: 'after-spawn' | 'after-start'; readonly delayMs: number }
  | ({ readonly kind: 'at-call' } & DeathAt);

/** Long enough for opening, joining and restoring to be among what is interrupted. */
const maxStartUpMs = 600;
const maxRunMs = 500;

/**
 * With about as many calls as some fifteen commits make. The end of a commit is met twice as often.
 */
const calls: readonly (readonly [call: Call, maxNth: number])[] = [
  ['commit', 15],
  ['commit', 15],
  ['write', 100],
  ['produce', 30],
  ['send-offsets', 15],
  ['recover', 15],
];

/** A quarter each while starting and while running, half at a chosen call to log or state. */
export function drawDeath(random: RandomSource): Death {
  const below = (bound: number) => Math.floor(random.next() * bound);
  const kind = below(4);
  if (kind === 0) return { kind: 'after-spawn', delayMs: below(maxStartUpMs) };
  if (kind === 1) return { kind: 'after-start', delayMs: below(maxRunMs) };
  const [call, maxNth] = calls[below(calls.length)] ?? ['commit', 1];
  const moment = moments[below(moments.length)] ?? 'before';
  return { kind: 'at-call', call, nth: 1 + below(maxNth), moment };
}

export function describeDeath(death: Death): string {
  if (death.kind === 'at-call') return `${death.moment} ${death.call} ${death.nth}`;
  const since = death.kind === 'after-spawn' ? 'spawn' : 'start';
  return `${death.delayMs} ms after ${since}`;
}
