import type { SinkBatch, SinkConnection } from '../../core/sink/sink.ts';
import { quotedName, quotedTable } from './identifiers.ts';
import type { SettingValues } from './insert-settings.ts';
import { type JudgedTable, openTable, type OpenTable } from './open-table.ts';
import { areUnchanged } from './read-table.ts';
import type { Server } from './server.ts';

export interface ClickhouseConnectionOptions {
  readonly server: Server;
  readonly table: OpenTable;
  /** The user's, which what exactly-once needs stands above. */
  readonly settings: SettingValues;
}

/**
 * One block per batch under the batch's token. ClickHouse drops a block whose token it knows, per
 * partition of the table, so an attempt that was cut off is completed by the next.
 */
export function clickhouseConnection(options: ClickhouseConnectionOptions): SinkConnection {
  const { server, table, settings } = options;
  const columns = [...table.written.types.keys()].map(quotedName).join(', ');
  const query = `INSERT INTO ${quotedTable(table.name)} (${columns}) FORMAT JSONEachRow`;
  let judged: JudgedTable | null = null;
  /** ClickHouse wraps what does not fit, and forgets tokens, without a word. */
  const judgedNow = async (signal: AbortSignal): Promise<JudgedTable> => {
    if (judged !== null && (await areUnchanged(server, judged.tables, signal))) return judged;
    // One that was dropped is not made again beneath whoever has dropped it.
    return openTable(server, { ...table, createTable: null }, signal);
  };
  return {
    async open(signal) {
      judged = await openTable(server, table, signal);
      return null;
    },
    async apply({ rows, token, signal }) {
      if (rows.length === 0) return 'applied';
      judged = await judgedNow(signal);
      const insert_deduplication_token = token;
      const all = { ...settings, ...judged.settings, insert_deduplication_token };
      await server.insert({ query, settings: all, signal }, linesOf(rows));
      // The answer is the same where the block was dropped as known.
      return 'applied';
    },
    close: () => server.close(),
  };
}

const lineEnd = 0x0a;

function linesOf(rows: SinkBatch['rows']): Buffer {
  const size = rows.reduce((sum, row) => sum + row.length + 1, 0);
  const lines = Buffer.allocUnsafe(size);
  let position = 0;
  for (const row of rows) {
    lines.set(row, position);
    position += row.length;
    lines[position++] = lineEnd;
  }
  return lines;
}
