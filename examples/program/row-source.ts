/** A record of the input topic before it is written. */
export interface Row {
  /** Null where it is not known. */
  readonly key: string | null;
  readonly value: string;
  /** Event time, epoch milliseconds. */
  readonly timestamp: number;
}

/** How far a source has been fed into the log; kept in the log itself, with the rows. */
export interface Position {
  /** Byte of a file, index of a generator. */
  readonly offset: number;
  readonly rows: number;
  /** What was read and is no row. */
  readonly others: number;
  /** Of the last row: an unreadable line has no time of its own. */
  readonly lastTimestamp: number;
}

export const startPosition: Position = { offset: 0, rows: 0, others: 0, lastTimestamp: 0 };

export interface Portion {
  readonly rows: readonly Row[];
  readonly position: Position;
}

/** Where rows come from. Any position can be read again: that is what a restart does. */
export interface RowSource {
  /** Identity of the source in the log. */
  readonly name: string;
  /** The rows behind a position; the same position if there are no more at present. */
  read(from: Position, maxRows: number): Promise<Portion>;
  close(): Promise<void>;
}

export interface GeneratedRows {
  readonly name: string;
  /** Null: endless. */
  readonly count: number | null;
  readonly rowAt: (index: number) => Row;
}

/** A generator that tells any row by its index. */
export function generatedRows({ name, count, rowAt }: GeneratedRows): RowSource {
  return {
    name,
    read(from, maxRows) {
      const length = Math.max(0, Math.min((count ?? Infinity) - from.offset, maxRows));
      const rows = Array.from({ length }, (_, index) => rowAt(from.offset + index));
      return Promise.resolve({ rows, position: positionAfter(from, rows, from.offset + length) });
    },
    close: () => Promise.resolve(),
  };
}

export function positionAfter(from: Position, rows: readonly Row[], offset: number): Position {
  const lastTimestamp = rows.at(-1)?.timestamp ?? from.lastTimestamp;
  return { ...from, offset, rows: from.rows + rows.length, lastTimestamp };
}
