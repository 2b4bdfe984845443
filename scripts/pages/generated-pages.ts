import { alertsPage } from './alerts-page.ts';
import { errorsPage } from './errors-page.ts';
import { metricsPage } from './metrics-page.ts';
import { operatorsPage } from './operators-page.ts';
import { topologiesPage, topologiesPath } from './topologies-table.ts';

/** The generated pages of the documentation: path below the root, and text. */
export async function generatedPages(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/METRICS.md', metricsPage()],
    ['docs/alerts.yml', alertsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/operators.md', operatorsPage(root)],
    [topologiesPath, await topologiesPage(root)],
  ]);
}
