import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadApplication } from '../../src/cli/application.ts';
import { ConfigError } from '../../src/index.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';

const topology = `{ application: 'a', nodes: [], subTopologies: [] }`;

function load(text: string, settings: Readonly<Record<string, string>> = {}) {
  const file = join(temporaryDirectory(), 'app.mjs');
  writeFileSync(file, text);
  return loadApplication(file, settings);
}

it('an application exports its topology, and options if it likes', async () => {
  const text = `export default ${topology}; export const options = { stateDir: 'x' };`;
  const { topology: loaded, options } = await load(text);
  expect(loaded.application).toBe('a');
  expect(options).toEqual({ stateDir: 'x' });
  expect((await load(`export default ${topology};`)).options).toEqual({});
});

it('it may make the topology from its settings, also in its own time', async () => {
  const text = `export default async ({ name }) => ({ ...${topology}, application: name });`;
  expect((await load(text, { name: 'b' })).topology.application).toBe('b');
});

it.each([
  ['no default export', `export const topology = ${topology};`, /Its default export is to be/],
  ['a builder that was not built', 'export default { nodes: [] };', /`builder\.build\(\)`/],
  ['a function that returns something else', 'export default () => 1;', /default export returns/],
  ['options that are none', `export default ${topology}; export const options = 1;`, /`options`/],
  ['a log', `export default ${topology}; export const options = { log: 1 };`, /name a log/],
  ['an import that is missing', "import 'a-package-that-is-not-there';", /import in it cannot be/],
])('a module with %s is refused for its configuration', async (_label, text, expected) => {
  const refused = load(text);
  await expect(refused).rejects.toBeInstanceOf(ConfigError);
  await expect(refused).rejects.toThrow(expected);
  await expect(refused).rejects.toThrow(/The application '.*app\.mjs' cannot be run/);
});

it("what a module throws is the application's own error", async () => {
  await expect(load("throw new TypeError('mine');")).rejects.toThrow(TypeError);
  await expect(load("export default () => { throw new RangeError('mine'); };")).rejects.toThrow(
    RangeError,
  );
});
