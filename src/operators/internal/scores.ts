import { ConfigError, ProcessingError } from '../../core/model/errors.ts';
import type { Score } from '../../core/serde/ranking.ts';

/** A list is one row: longer ones would be rewritten as a whole for each change. */
const maxListed = 10_000;

/** @throws {ConfigError} `BAD_OPTION`. */
export function checkListed(node: string, n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= maxListed) return;
  throw new ConfigError(
    'BAD_OPTION',
    `topN of '${node}': n is ${n}; take a whole number from 1 to ${maxListed}.`,
    { where: { node } },
  );
}

/** @throws {ProcessingError} `BAD_SCORE`. */
export function checkedScore<S extends Score>(node: string, score: S): S {
  if (typeof score === 'bigint' || Number.isFinite(score)) return score;
  const given: unknown = score;
  throw new ProcessingError(
    'BAD_SCORE',
    `The score of '${node}' is ${typeof given === 'number' ? given : `of type ${typeof given}`}. ` +
      'Return a finite number or a bigint.',
    { where: { node } },
  );
}
