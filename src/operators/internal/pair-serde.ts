import { SerdeError } from '../../core/model/errors.ts';
import { formatText } from '../../core/model/format-text.ts';
import type { Change } from '../../core/model/record.ts';
import { readFrames, writeFrames } from '../../core/serde/frames.ts';
import { keyBytes, trusted } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** A table's change on its way to a group: of which row, what leaves the group, what comes. */
export interface Pair<KRow, V> extends Change<V> {
  readonly row: KRow;
}

const hasOld = 1;
const hasNew = 2;

/** Which halves there are, the row's key, and the halves, as parts with their lengths. */
export function pairSerde<KRow, V>(row: Serde<KRow>, value: Serde<V>): Serde<Pair<KRow, V>> {
  return Object.freeze<Serde<Pair<KRow, V>>>({
    format: `pair(${formatText(row)},${formatText(value)})`,
    version: 1,
    serialize({ row: rowKey, oldValue, newValue }) {
      const halves = (oldValue === null ? 0 : hasOld) | (newValue === null ? 0 : hasNew);
      const parts = [Uint8Array.of(halves), keyBytes(row, rowKey)];
      if (oldValue !== null) parts.push(keyBytes(value, oldValue));
      if (newValue !== null) parts.push(keyBytes(value, newValue));
      return writeFrames(parts);
    },
    deserialize(bytes) {
      const [flags, rowKey, first, last = first] = readFrames(bytes);
      const halves = flags?.[0] ?? 0;
      if (rowKey === undefined || first === undefined || last === undefined) {
        throw new SerdeError('DESERIALIZATION', 'the bytes are no pair of a grouped table');
      }
      return {
        row: row.deserialize(rowKey),
        oldValue: (halves & hasOld) === 0 ? null : value.deserialize(first),
        newValue: (halves & hasNew) === 0 ? null : value.deserialize(last),
      };
    },
    ...(row.trusted === undefined && value.trusted === undefined
      ? {}
      : { trusted: () => pairSerde(trusted(row), trusted(value)) }),
  });
}
