import type { RandomSource } from '../../src/core/runtime/runtime.ts';
import { type DeathAt, moments } from './mortal-ports.ts';

/** How one life of the child is to end, unless it is done before. */
export type Death =
  | { readonly kind: 'after-spawn' | 'after-start'; readonly delayMs: number }
  | ({ readonly kind: 'at-step' } & DeathAt);

/** Long enough for opening, joining and restoring to be among what is interrupted. */
const maxStartUpMs = 600;
const maxRunMs = 500;
const maxStep = 150;

/** A third each: while starting, while running, and within a chosen call to log or state. */
export function drawDeath(random: RandomSource): Death {
  const below = (bound: number) => Math.floor(random.next() * bound);
  const kind = below(3);
  if (kind === 0) return { kind: 'after-spawn', delayMs: below(maxStartUpMs) };
  if (kind === 1) return { kind: 'after-start', delayMs: below(maxRunMs) };
  const moment = moments[below(moments.length)] ?? 'before';
  return { kind: 'at-step', step: 1 + below(maxStep), moment };
}

export function describeDeath(death: Death): string {
  if (death.kind === 'at-step') return `${death.moment} call ${death.step}`;
  const since = death.kind === 'after-spawn' ? 'spawn' : 'start';
  return `${death.delayMs} ms after ${since}`;
}
