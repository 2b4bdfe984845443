import type { Dice } from './choice.ts';

/** A window of any kind; times are of the size of the strides of random records. */
export function randomWindow(dice: Dice): Readonly<Record<string, unknown>> {
  const grace = dice.one(0, 0, 3, 10, 50);
  const size = dice.one(10, 4, 25, 100);
  return dice.one<Readonly<Record<string, unknown>>>(
    { kind: 'tumbling', size, grace },
    {
      kind: 'hopping',
      size,
      advance: dice.one(Math.ceil(size / 2), Math.ceil(size / 3), 3),
      grace,
    },
    { kind: 'session', gap: dice.one(5, 2, 12, 40), grace },
    { kind: 'sliding', difference: dice.one(10, 3, 30), grace },
    { kind: 'calendar', unit: 'day', zone: 'UTC', grace },
    { kind: 'unlimited', from: dice.one(0, 7, 30) },
  );
}

type Emission = Readonly<Record<string, unknown>>;

export function randomEmission(dice: Dice, kind: unknown): Emission {
  const every: Emission = { emit: { every: dice.one(10, 7, 40) } };
  const update: Emission = { emit: 'update' };
  if (kind === undefined || kind === 'unlimited') return dice.one(update, update, every);
  return dice.one(update, { emit: 'close' }, every, { emit: 'close' });
}
