/** Values of ClickHouse settings by their names, as a query sends them. */
export type SettingValues = Readonly<Record<string, string | number>>;

export interface InsertBounds {
  readonly maxRows: number;
  readonly maxTablePartitions: number;
  readonly attemptTimeoutMs: number;
}

/** ClickHouse's own bound for the rows of a block. */
const defaultBlockRows = 1_048_449;

/** Only in servers of some versions, which refuse what they do not know. */
export const versionedSettings: SettingValues = {
  // From 26.2 on it stands above `insert_deduplicate`.
  deduplicate_insert: 'enable',
  max_insert_block_size_bytes: 0,
};

/** What has to hold of every insert, whatever the profile of the user says. */
export function insertSettings(bounds: InsertBounds): SettingValues {
  // The block ends with the batch: a token counts per block.
  const blockRows = Math.max(defaultBlockRows, bounds.maxRows + 1);
  return {
    async_insert: 0,
    insert_deduplicate: 1,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    materialized_views_ignore_errors: 0,
    max_insert_block_size: blockRows,
    min_insert_block_size_rows: blockRows,
    min_insert_block_size_bytes: 0,
    // Each partition of the table that a batch touches takes a slot of the window.
    max_partitions_per_insert_block: bounds.maxTablePartitions,
    throw_on_max_partitions_per_insert_block: 1,
    // Nothing is skipped or made a default without a word.
    input_format_allow_errors_num: 0,
    input_format_allow_errors_ratio: 0,
    input_format_null_as_default: 0,
    // Rows of before a column was taken out of the sink still have it.
    input_format_skip_unknown_fields: 1,
    max_execution_time: Math.max(1, Math.floor(bounds.attemptTimeoutMs / 1000)),
    timeout_overflow_mode: 'throw',
  };
}
