import { SerdeError } from '../../core/model/errors.ts';
import type { ColumnType } from './column-type.ts';

/** What a writer has written, as it was given. */
export type ValueReader = (written: unknown) => unknown;

export function valueReader(type: ColumnType): ValueReader {
  switch (type.kind) {
    case 'nullable': {
      const read = valueReader(type.of);
      return (written) => (written === null ? null : read(written));
    }
    case 'array': {
      const read = valueReader(type.of);
      return (written) => (Array.isArray(written) ? written.map(read) : refuse());
    }
    case 'map': {
      const read = valueReader(type.of);
      return (written) => {
        if (typeof written !== 'object' || written === null) return refuse();
        const entries = Object.entries(written).map(([key, inner]) => [key, read(inner)] as const);
        return Object.fromEntries(entries);
      };
    }
    case 'integer':
      return (written) => (typeof written === 'string' ? BigInt(written) : written);
    case 'float':
      return (written) => (typeof written === 'string' ? readSpecial(written) : written);
    case 'time': {
      const unitsPerMs = 10 ** (type.scale - 3);
      // Nanoseconds are beyond what a number holds; the millisecond is within its error.
      return (written) =>
        typeof written === 'number' ? Math.round(written / unitsPerMs) : refuse();
    }
    default:
      return (written) => written;
  }
}

function readSpecial(text: string): number {
  if (text === 'nan') return Number.NaN;
  return text === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function refuse(): never {
  throw new SerdeError('DESERIALIZATION', 'the bytes are no row of this sink');
}
