import { asBuffer } from '../../core/serde/range-serde.ts';
import { keyBytes, trusted } from '../../core/serde/key-identity.ts';
import { type Ranked, type RankedRow, rankedValue, type Score } from '../../core/serde/ranking.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { StepContext } from './steps.ts';
import { type GroupPart, groupPartSerde } from './group-part.ts';
import { orderNodeSerde } from './order-node-serde.ts';
import type { Pair } from './pair-serde.ts';
import { comparePlaces, type Place, scoreOrder } from './score-order.ts';
import { checkedScore } from './scores.ts';
import { type Step, unchanged } from './steps.ts';
import type { ScoreOption } from './top-n-step.ts';

export interface TableTopNSpec<KRow, V, S extends Score> extends ScoreOption<KRow, V, S> {
  readonly name: string;
  readonly n: number;
  readonly group: Serde<unknown>;
  readonly row: Serde<KRow>;
  readonly value: Serde<V>;
}

/**
 * The best rows of each group. Idea: the list is a row like that of any aggregation; beside it lie
 * the members of the group, a row each, and their order. A change is looked up by its key, so it
 * does not matter what `by` would say of the old value today, and what is at stake is known before
 * the order is asked: only a change among the listed is.
 */
export function tableTopN<KRow, V, S extends Score>(spec: TableTopNSpec<KRow, V, S>) {
  const key = groupPartSerde(spec.group);
  const { name, n } = spec;
  const rowKey = trusted(spec.row);
  const value = rankedValue<V, S>(spec.value);
  const members = keyValueStore({ name: `${name}-members`, key, value });
  const order = keyValueStore({ name: `${name}-order`, key, value: orderNodeSerde });

  function step(node: string, context: StepContext): TopNStep<KRow, V, S> {
    const memberRows = context.store(members);
    const places = scoreOrder(context.store(order));
    const memberAt = (at: GroupPart<unknown>) => memberRows.get(at)?.value;

    /** Replaces a member; answers where it stood and where it stands, null if nothing changed. */
    const replace = (
      at: GroupPart<unknown>,
      after: Ranked<V, S> | undefined,
      timestamp: number,
    ) => {
      const { group, part } = at;
      const before = memberAt(at);
      if (isSame(spec.value, before, after)) return null;
      memberRows.put(at, after === undefined ? null : { value: after, timestamp });
      const from = placeOf(before, part);
      const to = placeOf(after, part);
      if (from !== null && to !== null && comparePlaces(from, to) === 0) return [from, to];
      if (from !== null) places.remove(group, from);
      if (to !== null) places.insert(group, to);
      return [from, to];
    };

    const listed = (group: unknown): readonly RankedRow<KRow, V, S>[] =>
      places.first(group, n).flatMap(({ key: part }) => {
        const member = memberAt({ group, part });
        if (member === undefined) return [];
        return { key: rowKey.deserialize(Buffer.from(part, 'latin1')), ...member };
      });

    return (row, { key: group, value: pair, timestamp }) => {
      const part = partOf(spec.row, pair.row);
      const after = rankedBy(spec, node, pair);
      const moved = replace({ group, part }, after, timestamp);
      const last = row?.value[n - 1];
      const end = last === undefined ? null : placeOf(last, partOf(spec.row, last.key));
      const isListed = (place: Place | null): boolean =>
        place !== null && (end === null || comparePlaces(place, end) <= 0);
      if (moved === null || !moved.some(isListed)) return unchanged;
      const list = listed(group);
      return list.length === 0 ? null : list;
    };
  }
  return { stores: [members, order], step };
}

type TopNStep<KRow, V, S extends Score> = Step<
  unknown,
  Pair<KRow, V>,
  readonly RankedRow<KRow, V, S>[]
>;

function rankedBy<KRow, V, S extends Score>(
  { by }: ScoreOption<KRow, V, S>,
  node: string,
  { newValue, row }: Pair<KRow, V>,
): Ranked<V, S> | undefined {
  if (newValue === null) return undefined;
  return { value: newValue, score: checkedScore(node, by(newValue, row)) };
}

function placeOf(member: Ranked<unknown> | undefined, key: string): Place | null {
  return member === undefined ? null : { score: member.score, key };
}

function partOf<K>(serde: Serde<K>, key: K): string {
  return asBuffer(keyBytes(serde, key)).toString('latin1');
}

function isSame<V>(serde: Serde<V>, a: Ranked<V> | undefined, b: Ranked<V> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.score === b.score && partOf(serde, a.value) === partOf(serde, b.value);
}
