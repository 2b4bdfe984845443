import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyOptions } from '../support/property-options.ts';
import { backendIn, temporaryRoot } from './level-support.ts';
import { compareWithModel, steps } from './state-model.ts';
import {
  commit,
  drained,
  entriesOf,
  openOptions,
  positionOf,
  restoredChanges,
  totals,
} from './support.ts';

const row = (value: string) => ({ value, timestamp: 7 });

describe.each(['default', 'open'] as const)("with verify: '%s'", (verify) => {
  it('agrees with a naive state, whatever is written, committed or undone', async () => {
    const law = fc.asyncProperty(steps, (run) =>
      compareWithModel(backendIn(temporaryRoot(), { verify }), run),
    );
    await expect(fc.assert(law, propertyOptions(60))).resolves.toBeUndefined();
  });

  it.each([true, false])('finds again what was committed, closed clean: %s', async (clean) => {
    const backend = backendIn(temporaryRoot(), { verify });
    const first = await backend.open(openOptions);
    first.store(totals).put('a', row('1'));
    await commit(first, 1);
    first.store(totals).put('a', row('2'));
    first.store(totals).put('b', row('2'));
    drained(first);
    await first.close({ clean });

    const second = await backend.open(openOptions);
    expect(second.rebuildReason).toBeNull();
    expect(second.position).toEqual(positionOf(1));
    expect(await entriesOf(second.store(totals), {})).toEqual([['a', row('1')]]);
    await second.close({ clean: true });
  });
});

it('digests hold after restores that did not wait for each other', async () => {
  const backend = backendIn(temporaryRoot(), { verify: 'open' });
  const first = await backend.open(openOptions);
  for (const key of ['a', 'b', 'c']) first.store(totals).put(key, row(key));
  const changes = restoredChanges(await commit(first, 1), 'totals');
  const removals = changes.map(([key]) => [key, null] as const);
  const under = [removals, [...changes, ...changes], removals.slice(1)].map((part, index) =>
    first.restore('totals', part, positionOf(2 + index)),
  );
  await Promise.all(under);
  await first.close({ clean: false });
  const second = await backend.open(openOptions);
  expect([second.rebuildReason, second.position]).toEqual([null, positionOf(4)]);
  expect(await entriesOf(second.store(totals), {})).toEqual([['a', row('a')]]);
  await second.close({ clean: true });
});
