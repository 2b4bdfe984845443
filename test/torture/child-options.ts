import type { Breakage } from './broken-commit.ts';
import type { Guarantee } from './compare.ts';
import type { DeathAt } from './mortal-ports.ts';

/** What the parent tells a child, as JSON in its first argument. */
export interface ChildOptions {
  /** Holds `log` and `state`. */
  readonly directory: string;
  readonly guarantee: Guarantee;
  readonly workers: number;
  readonly breakage: Breakage | null;
  readonly deathAt: DeathAt | null;
}

/** What a child tells its parent. */
export type ChildMessage =
  | { readonly type: 'started'; readonly committed: number }
  /** Local state was not trusted, although nothing but a kill had happened. */
  | { readonly type: 'wiped'; readonly task: string; readonly reason: string };
