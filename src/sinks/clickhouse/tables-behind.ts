import { SinkError } from '../../core/model/errors.ts';
import { quotedTable, type TableName } from './identifiers.ts';
import { type ReadTable, readTable } from './read-table.ts';
import type { Server } from './server.ts';

const maxViews = 100;

/** What an insert goes through behind its table. */
export interface TablesBehind {
  readonly views: readonly ReadTable[];
  /** The tables that materialised views write. */
  readonly targets: readonly ReadTable[];
}

/**
 * Follows the views behind a table. Targets need a window of their own: a batch that the table has
 * seen is sent through its views again, and dropped at their targets.
 *
 * @throws {SinkError} `SINK_SCHEMA` where they cannot be found.
 */
export async function tablesBehind(
  server: Server,
  source: ReadTable,
  site: { readonly sink: string; readonly signal: AbortSignal },
): Promise<TablesBehind> {
  const views: ReadTable[] = [];
  const targets: ReadTable[] = [];
  const waiting = [...source.views];
  for (let seen = 0; waiting.length > 0; seen++) {
    const name = waiting.shift() ?? source; // not empty
    const view = seen < maxViews ? await readTable(server, name, site.signal) : null;
    if (view !== null) views.push(view);
    if (view !== null && view.engine !== 'MaterializedView') continue;
    const target = view && (await readTable(server, targetOf(view), site.signal));
    if (target === null) {
      const text = `The view ${quotedTable(name)} behind the table of sink '${site.sink}' writes a table that the user cannot see: grant SELECT on it and on the view.`;
      throw new SinkError('fatal', 'SINK_SCHEMA', text);
    }
    waiting.push(...target.views);
    targets.push(target);
  }
  return { views, targets };
}

const name = '(`(?:[^`\\\\]|\\\\.)*`|\\w+)';
const toTarget = new RegExp(
  `^CREATE MATERIALIZED VIEW ${name}\\.${name} (?:.*? )?TO ${name}\\.${name}[ (]`,
  's',
);

function targetOf(view: ReadTable): TableName {
  const [, , , database, table] = toTarget.exec(view.createQuery) ?? [];
  if (database !== undefined && table !== undefined) {
    return { database: unquoted(database), table: unquoted(table) };
  }
  const hasId = /[1-9a-f]/.test(view.uuid);
  const inner = hasId ? `.inner_id.${view.uuid}` : `.inner.${view.table}`;
  return { database: view.database, table: inner };
}

function unquoted(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}
