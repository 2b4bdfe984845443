import type { Duration } from '../../core/model/duration.ts';
import { tumbling, type Windowed } from '../../core/model/windows.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import { type Ranked, ranking, rankedValue } from '../../core/serde/ranking.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { string } from '../../core/serde/string.ts';
import { onClose, type WindowedEmitPolicy } from '../../operators/internal/emit.ts';
import { checkListed } from '../../operators/internal/scores.ts';
import type { KStream } from '../../operators/k-stream.ts';
import { isNotNull } from '../internal/is-not-null.ts';

export interface TopItemsOptions {
  /** How many items a list has, from 1 to 10,000. */
  readonly n: number;
  /**
   * How far one partition of the views may be behind another, in event time: for so long after its
   * end a list takes counts. Counts that come later are dropped as `late`.
   */
  readonly slack: Duration;
  /** Default `onClose()`: one list per window. */
  readonly emit?: WindowedEmitPolicy;
}

/** The items of a window with the most views, the most first; of equal ones the lesser key. */
export type TopItems<Item> = readonly Ranked<Item, number>[];

/** All counts of a window meet under this key. */
const everyItem = 'all';

interface TopNode<Item> extends TopItemsOptions {
  readonly name: string;
  readonly item: Serde<Item>;
  /** The size of the windows of the counts. */
  readonly window: Duration;
}

/**
 * The lists of final counts, one count per item and window.
 *
 * @throws {ConfigError} `BAD_OPTION` for a bad `n`; `BAD_DURATION`.
 */
export function topItems<Item>(
  counts: KStream<Windowed<Item>, number>,
  { name, item, window, n, slack, emit = onClose() }: TopNode<Item>,
): KStream<Windowed<string>, TopItems<Item>> {
  checkListed(name, n);
  const rank = ranker(item, n);
  return (
    counts
      .map((count, { key }) => ({ key: everyItem, value: { value: key, score: count } }), {
        key: string(),
        value: rankedValue<Item, number>(item),
      })
      .groupByKey({ name: `${name}-input` })
      // A count has the time of its last view: it lies in the window that it counts.
      .windowedBy(tumbling(window, { grace: slack }))
      .aggregate({
        name,
        initializer: (): TopItems<Item> => [],
        aggregator: (list, entry) => rank(list, entry),
        value: ranking<Item, number>(item),
        emit,
      })
      .toStream()
      .filter(isNotNull)
  );
}

function ranker<Item>(item: Serde<Item>, n: number) {
  const isBefore = (a: Ranked<Item, number>, b: Ranked<Item, number>): boolean => {
    if (a.score !== b.score) return a.score > b.score;
    return Buffer.compare(keyBytes(item, a.value), keyBytes(item, b.value)) < 0;
  };
  return (list: TopItems<Item>, entry: Ranked<Item, number>): TopItems<Item> => {
    const after = list.findIndex((other) => isBefore(entry, other));
    const at = after < 0 ? list.length : after;
    return at >= n ? list : list.toSpliced(at, 0, entry).slice(0, n);
  };
}
