/**
 * Record `index` is a function of `index` alone, so a data set needs no file. All text is ASCII.
 */
export interface DataRecord {
  readonly key: string | Uint8Array;
  readonly value: string;
  readonly timestamp: number;
}

export interface DataSet {
  readonly name: string;
  readonly record: (index: number) => DataRecord;
}

/** Epoch milliseconds at which the data sets begin. */
export const startMs = 1_700_000_000_000;

/** How many users, and integer keys, there are. */
export const userCount = 10_000;
