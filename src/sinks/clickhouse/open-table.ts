import { SinkError } from '../../core/model/errors.ts';
import { createTableQuery, type CreateTable } from './create-table.ts';
import type { Horizon } from './horizon.ts';
import { quotedTable, type TableName } from './identifiers.ts';
import { type SettingValues, versionedSettings } from './insert-settings.ts';
import { type ReadTable, readColumns, readTable } from './read-table.ts';
import { checkSchema, type WrittenColumns } from './schema-check.ts';
import type { Server } from './server.ts';
import { tablesBehind } from './tables-behind.ts';
import { checkWindow, type TableDefaults, windowSettings } from './window-check.ts';

/** What a sink asks of its table before the first batch. */
export interface OpenTable {
  readonly name: TableName;
  readonly written: WrittenColumns;
  readonly createTable: CreateTable | null;
  readonly settings: SettingValues;
  /** Whether the table has a partition key decides how many slots a batch may take. */
  readonly horizonOf: (isPartitioned: boolean) => Horizon;
}

/** A table that was found good. */
export interface JudgedTable {
  /** Of inserts, as far as this server knows them. */
  readonly settings: SettingValues;
  /** What was judged: the table, its views and their targets. */
  readonly tables: readonly ReadTable[];
}

const engines = /^(?:Replicated)?(?:Replacing)?MergeTree$/;

/** Creates the table if that is asked for, and checks what exactly-once needs of it. */
export async function openTable(
  server: Server,
  plan: OpenTable,
  signal: AbortSignal,
): Promise<JudgedTable> {
  const { sink } = plan.written;
  const settings = await knownSettings(server, plan, signal);
  const table = await foundTable(server, plan, signal);
  checkEngine(table, sink);
  checkSchema(plan.written, plan.name, await readColumns(server, plan.name, signal));
  const { views, targets } = await tablesBehind(server, table, { sink, signal });
  for (const own of [table, ...targets]) {
    // It keeps nothing itself.
    if (own.engine === 'Null') continue;
    const horizon = plan.horizonOf(own.isPartitioned);
    checkWindow(own, { sink, horizon, defaults: await tableDefaults(server, own, signal) });
  }
  return { settings, tables: [table, ...views, ...targets] };
}

async function foundTable(
  server: Server,
  plan: OpenTable,
  signal: AbortSignal,
): Promise<ReadTable> {
  const { name, written, createTable, horizonOf } = plan;
  const found = await readTable(server, name, signal);
  if (found !== null) return found;
  if (createTable !== null) {
    const horizon = horizonOf(createTable.partitionBy !== undefined);
    const query = createTableQuery(name, written.columns, { ...createTable, horizon });
    await server.run({ query, signal });
    const created = await readTable(server, name, signal);
    if (created !== null) return created;
  }
  const remedy = 'create it, or let the sink do it (createTable)';
  const text = `There is no table ${quotedTable(name)}, sink '${written.sink}': ${remedy}.`;
  throw fatal('SINK_SCHEMA', text);
}

function checkEngine({ engine, ...name }: ReadTable, sink: string): void {
  if (engines.test(engine)) return;
  throw fatal(
    'SINK_SCHEMA',
    `The table ${quotedTable(name)} of sink '${sink}' has the engine ${engine}; ` +
      'MergeTree, ReplacingMergeTree and their Replicated forms keep rows and tokens as is needed.',
  );
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

const tokenSetting = 'insert_deduplication_token';

/** @throws {SinkError} where tokens are unknown, or a setting is fixed at another value. */
async function knownSettings(
  server: Server,
  { settings, written: { sink } }: OpenTable,
  signal: AbortSignal,
): Promise<SettingValues> {
  const query = 'SELECT name, value FROM system.settings WHERE name IN {names: Array(String)}';
  const names = [tokenSetting, ...Object.keys(versionedSettings)];
  const known = await server.rowsOf<Setting>({ query, params: { names }, signal });
  if (!known.some(({ name }) => name === tokenSetting)) {
    const [version] = await server.rowsOf<Setting>({ query: 'SELECT version() AS value', signal });
    throw fatal(
      'SINK_HORIZON',
      `ClickHouse ${version?.value}, sink '${sink}', is too old to know ${tokenSetting}: ` +
        'without it a batch cannot be told from another.',
    );
  }
  const isKnown = (own: string) => known.some(({ name }) => name === own);
  const versioned = Object.entries(versionedSettings).filter(([name]) => isKnown(name));
  const wanted: SettingValues = { ...settings, ...Object.fromEntries(versioned) };
  const params = { names: Object.keys(wanted) };
  const effective = await server.rowsOf<Setting>({ query, params, settings: wanted, signal });
  for (const { name, value } of effective) {
    if (value === String(wanted[name])) continue;
    throw fatal(
      'SINK_DENIED',
      `The user of sink '${sink}' cannot set ${name} to ${wanted[name]}: it stays ${value}.`,
    );
  }
  return wanted;
}

async function tableDefaults(
  server: Server,
  { engine }: ReadTable,
  signal: AbortSignal,
): Promise<TableDefaults> {
  const replicated = engine.startsWith('Replicated') ? 'replicated_' : '';
  const query = `SELECT name, value FROM system.${replicated}merge_tree_settings WHERE name IN {names: Array(String)}`;
  const rows = await server.rowsOf<Setting>({ query, params: { names: windowSettings }, signal });
  return new Map(rows.map(({ name, value }) => [name, Number(value)]));
}

function fatal(code: 'SINK_SCHEMA' | 'SINK_HORIZON' | 'SINK_DENIED', text: string): SinkError {
  return new SinkError('fatal', code, text);
}
