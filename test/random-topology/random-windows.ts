import type { Dice } from './choice.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One entry per kind; times are of the size of the strides of random records. */
const kinds: Readonly<Record<string, (dice: Dice) => Fields>> = {
  tumbling: (dice) => ({ size: dice.one(10, 4, 25, 100) }),
  hopping: (dice) => dice.one({ size: 10, advance: 5 }, { size: 25, advance: 10 }, hoppingByOne),
  session: (dice) => ({ gap: dice.one(5, 2, 12, 40) }),
  sliding: (dice) => ({ difference: dice.one(10, 3, 30) }),
  calendar: () => ({ unit: 'day', zone: 'UTC' }),
  unlimited: (dice) => ({ from: dice.one(0, 7, 30) }),
};
const hoppingByOne = { size: 4, advance: 1 };

/** No windows, or windows of any kind but those. */
export function randomWindows(dice: Dice, except: readonly string[] = []): Fields {
  if (dice.below(3) === 0) return {};
  const kind = dice.pick(Object.keys(kinds).filter((one) => !except.includes(one))) ?? 'tumbling';
  const grace = kind === 'unlimited' ? {} : { grace: dice.one(0, 0, 3, 10, 50) };
  return { window: { kind, ...kinds[kind]?.(dice), ...grace } };
}

export function randomEmission(dice: Dice, kind: unknown): Fields {
  const every = { emit: { every: dice.one(10, 7, 40) } };
  const update: Fields = { emit: 'update' };
  if (kind === undefined || kind === 'unlimited') return dice.one(update, update, every);
  return dice.one(update, { emit: 'close' }, every, { emit: 'close' });
}
