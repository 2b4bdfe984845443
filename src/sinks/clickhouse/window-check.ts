import { SinkError } from '../../core/model/errors.ts';
import type { Horizon } from './horizon.ts';
import { quotedTable } from './identifiers.ts';
import type { ReadTable } from './read-table.ts';

/** Server-wide values of the settings that a table may set for itself. */
export type TableDefaults = ReadonlyMap<string, number>;

export const windowSettings = [
  'non_replicated_deduplication_window',
  'replicated_deduplication_window',
  'replicated_deduplication_window_seconds',
] as const;

type WindowSetting = (typeof windowSettings)[number];

/** Who asks, and for what. */
export interface WindowDemand {
  readonly sink: string;
  readonly horizon: Horizon;
  readonly defaults: TableDefaults;
}

/**
 * Refuses a table that forgets a token before the last attempt with it may have come.
 *
 * @throws {SinkError} `SINK_HORIZON`, with the query that mends it.
 */
export function checkWindow(table: ReadTable, { sink, horizon, defaults }: WindowDemand): void {
  const isReplicated = table.engine.startsWith('Replicated');
  const demands: readonly (readonly [WindowSetting, number, string])[] = isReplicated
    ? [
        ['replicated_deduplication_window', horizon.slots, horizon.arithmetic],
        [
          'replicated_deduplication_window_seconds',
          horizon.seconds,
          `ten times the time after which a late attempt may come = ${horizon.seconds} s`,
        ],
      ]
    : [['non_replicated_deduplication_window', horizon.slots, horizon.arithmetic]];
  for (const [setting, needed, arithmetic] of demands) {
    const own = ownSetting(table, setting) ?? defaults.get(setting) ?? 0;
    if (own >= needed) continue;
    const name = quotedTable(table);
    throw new SinkError(
      'fatal',
      'SINK_HORIZON',
      `The table ${name} of sink '${sink}' would forget a batch too soon: its ${setting} is ${own}, ` +
        `and at least ${needed} is needed: ${arithmetic}. ` +
        `Run: ALTER TABLE ${name} MODIFY SETTING ${setting} = ${needed}.`,
    );
  }
}

/** As the table's own `SETTINGS` say it. */
function ownSetting({ engineFull }: ReadTable, setting: WindowSetting): number | undefined {
  const [, value] = new RegExp(`\\b${setting} = '?(\\d+)`).exec(engineFull) ?? [];
  return value === undefined ? undefined : Number(value);
}
