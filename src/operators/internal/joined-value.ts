import type { Row } from '../../core/model/record.ts';
import { type Joiner, undefinedValue } from './callbacks.ts';

/** Which sides a row of the result needs: both, the left one, or any. */
export type JoinType = 'inner' | 'left' | 'outer';

/** The value of a joined row from the values of both sides; null stands for no row. */
export type JoinedValue<K, Left, Right, VOut> = (
  left: Left | null,
  right: Right | null,
  key: K,
) => VOut | null;

export function joinedValue<K, Left, Right, VOut>(
  node: string,
  type: JoinType,
  joiner: Joiner<K, Left, Right, VOut>,
): JoinedValue<K, Left, Right, VOut> {
  return (left, right, key) => {
    if (left === null && (type !== 'outer' || right === null)) return null;
    if (right === null && type === 'inner') return null;
    const value = joiner(left as Left, right as Right, key); // null only where the type says so
    if (value === undefined) throw undefinedValue(node, 'joiner');
    return value;
  };
}

/** A joined row has the time of the later of its sides. */
export function laterOf(
  timestamp: number,
  other: Pick<Row<unknown>, 'timestamp'> | null | undefined,
): number {
  return other === null || other === undefined ? timestamp : Math.max(timestamp, other.timestamp);
}
