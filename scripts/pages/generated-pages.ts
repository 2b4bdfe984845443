import { errorsPage } from './errors-page.ts';
import { operatorsPage } from './operators-page.ts';
import { topologiesPage, topologiesPath } from './topologies-table.ts';

/** The generated pages of the documentation: path below the root, and text. */
export async function generatedPages(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/operators.md', operatorsPage(root)],
    [topologiesPath, await topologiesPage(root)],
  ]);
}
