import { expect, it } from 'vitest';
import { decodeProgress, encodeProgress } from '../../../src/core/task/progress-row.ts';
import { thrownBy } from '../../support/thrown.ts';

const row = {
  commitNumber: 3,
  offsets: { in: 7 },
  changelogs: { counts: 9 },
  clock: { domains: { in: 5 }, partitions: { in: 5 }, closed: { counts: 1 } },
  timerArrivals: 12,
};

it('a row comes back as it was', () => {
  expect(decodeProgress(Buffer.from(encodeProgress(row)))).toMatchObject(row);
});

it('a topic or store that is not in the row has no position, whatever it is called', () => {
  const { offsets, changelogs } = decodeProgress(Buffer.from(encodeProgress(row)));
  for (const name of ['constructor', '__proto__', 'toString', 'other']) {
    expect(offsets[name]).toBeUndefined();
    expect(changelogs[name]).toBeUndefined();
  }
  const odd = { ...row, offsets: Object.fromEntries([['__proto__', 4]]) };
  expect(decodeProgress(Buffer.from(encodeProgress(odd))).offsets['__proto__']).toBe(4);
});

it('a row of a newer version is refused', () => {
  const newer = encodeProgress(row).replace('"format":1', '"format":2');
  expect(thrownBy(() => decodeProgress(Buffer.from(newer))).code).toBe('FORMAT_NEWER');
});
