import { noHeaders } from '../../core/model/headers.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { MatchedEvent } from '../../core/serde/pattern-match.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { firstMs, freeSlot, type PatternRun, type PatternRuns } from './pattern-runs.ts';
import {
  type PatternContext,
  endOf,
  type PatternEvent,
  named,
  type NextNumber,
  type PatternSpec,
  putRuns,
} from './pattern-spec.ts';

/** Offers an event to the runs of its key, oldest first; then it may begin one. */
export function offering<K, V>(
  context: PatternContext<K, V>,
  spec: PatternSpec<K, V>,
  {
    runs: store,
    nextNumber,
  }: { readonly runs: KeyValueStore<K, PatternRuns<V>>; readonly nextNumber: NextNumber },
) {
  const { names, withinMs, isDisjoint, main } = spec;
  const satisfies = judging(spec);
  const tell = (events: readonly MatchedEvent<V>[], { key, headers }: PatternEvent<K, V>): void => {
    const timestamp = events.reduce((latest, own) => Math.max(latest, own.timestamp), 0);
    context.forward({ key, value: named(names, events), timestamp, headers }, main);
  };
  const begin = beginning(context, spec, nextNumber);
  return (event: PatternEvent<K, V>): void => {
    const { key, value, timestamp } = event;
    const judge = satisfies(event);
    const before = store.get(key)?.value ?? [];
    let runs: PatternRun<V>[] | null = null;
    for (const [index, run] of before.entries()) {
      const { slot, events } = run;
      const startMs = firstMs(run);
      const isInside = startMs <= timestamp && timestamp <= startMs + withinMs;
      if (!isInside || !judge(events.length)) {
        runs?.push(run);
        continue;
      }
      runs ??= before.slice(0, index);
      const longer = [...events, { value, timestamp }];
      if (longer.length < names.length) {
        runs.push({ slot, events: longer });
        continue;
      }
      if (isDisjoint) putRuns(store, key, { runs: [], timestamp });
      tell(longer, event);
      if (isDisjoint) return;
    }
    if (judge(0)) {
      if (names.length === 1) tell([{ value, timestamp }], event);
      else runs = begin(event, runs ?? before);
    }
    if (runs !== null) putRuns(store, key, { runs, timestamp });
  };
}

function beginning<K, V>(
  context: PatternContext<K, V>,
  { withinMs, graceMs, maxRuns, key: keySerde }: PatternSpec<K, V>,
  nextNumber: NextNumber,
) {
  return (event: PatternEvent<K, V>, before: PatternRuns<V>): PatternRun<V>[] => {
    const { key, value, timestamp } = event;
    const ended = before.slice(0, Math.max(0, before.length + 1 - maxRuns));
    for (const { events } of ended) {
      const [first = event] = events;
      const { value: own, timestamp: ownMs } = first;
      context.drop({ key, value: own, timestamp: ownMs, headers: noHeaders }, 'run-limit');
    }
    const runs = before.slice(ended.length);
    const slot = freeSlot(runs);
    const at = timestamp + withinMs + 1 + (graceMs ?? 0);
    // A timer set again for the same time would keep its turn: the number makes it another.
    const data = Buffer.allocUnsafe(8);
    data.writeDoubleBE(nextNumber(timestamp));
    context.schedule({ at, name: endOf(slot), key: keyBytes(keySerde, key), data });
    return [...runs, { slot, events: [{ value, timestamp }] }];
  };
}

/** Each predicate is asked at most once for an event, however many runs wait for it. */
function judging<K, V>({ predicates }: PatternSpec<K, V>) {
  const verdicts: (boolean | undefined)[] = [];
  let event: PatternEvent<K, V>;
  const judge = (step: number): boolean => {
    const known = verdicts[step];
    if (known !== undefined) return known;
    const verdict = predicates[step]?.(event.value, event.key, event) ?? false;
    verdicts[step] = verdict;
    return verdict;
  };
  return (next: PatternEvent<K, V>) => {
    event = next;
    verdicts.length = 0;
    return judge;
  };
}
