import type { Breakage } from './broken-commit.ts';
import type { Guarantee } from '../compare.ts';
import type { DeathAt } from '../mortal-ports.ts';

/** What the parent tells a child, as JSON in its first argument. */
export interface ChildOptions {
  /** Holds `log` and `state`. */
  readonly directory: string;
  readonly guarantee: Guarantee;
  readonly workers: number;
  readonly breakage: Breakage | null;
  readonly deathAt: DeathAt | null;
}

export interface WipedState {
  readonly task: string;
  readonly reason: string;
}

/** What a child tells its parent. */
export type ChildMessage =
  | { readonly type: 'started'; readonly committed: number }
  /** There is local state that can be trusted. */
  | { readonly type: 'written'; readonly task: string }
  /** Local state was there and was not trusted. */
  | ({ readonly type: 'wiped' } & WipedState);
