import { expect, it } from 'vitest';
import { entryPoints, namesOf } from '../docs/public-names.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const points = [...entryPoints(root)].map(([specifier, path]) => ({ specifier, path }));

it('the public names are those of the golden list', async () => {
  const lists = points.map(({ specifier, path }) => {
    const names = [...namesOf(root, path)].map(([name, { isType }]) =>
      isType ? `  type ${name}` : `  ${name}`,
    );
    return [specifier, ...names.sort()].join('\n');
  });
  await expect(`${lists.join('\n\n')}\n`).toMatchFileSnapshot('exports.golden.txt');
});

it.each(points)('$specifier exports a value for each name that is no type', async ({ path }) => {
  const values = [...namesOf(root, path)].filter(([, { isType }]) => !isType);
  const module = (await import(/* @vite-ignore */ `${root}/${path}`)) as object;
  expect(Object.keys(module).sort()).toEqual(values.map(([name]) => name).sort());
});
