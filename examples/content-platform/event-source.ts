import { type RowSource, startPosition } from '../view-counts/row-source.ts';
import { rowAt } from './generator.ts';

/** The generator as a source that goes on at any index. */
export function eventSource(seed: number, events: number | null): RowSource {
  return {
    name: `content-events:${seed}`,
    read(from, maxRows) {
      const count = Math.max(0, Math.min((events ?? Infinity) - from.offset, maxRows));
      const rows = Array.from({ length: count }, (_, index) => rowAt(seed, from.offset + index));
      const position = {
        ...startPosition,
        offset: from.offset + count,
        rows: from.rows + count,
        lastTimestamp: rows.at(-1)?.timestamp ?? from.lastTimestamp,
      };
      return Promise.resolve({ rows, position });
    },
    close: () => Promise.resolve(),
  };
}
