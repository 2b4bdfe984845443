import { type Duration, durationMs } from '../core/model/duration.ts';
import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { ConfigError } from '../core/model/errors.ts';
import { int64 } from '../core/serde/integers.ts';
import { type MatchedEvent, type NamedEvents, patternMatch } from '../core/serde/pattern-match.ts';
import type { Serde } from '../core/serde/serde.ts';
import { string } from '../core/serde/string.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Predicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { requireKeyInPlace } from './internal/key-place.ts';
import { operatorNode } from './internal/node.ts';
import { patternProcessor } from './internal/pattern-processor.ts';
import { patternRunsSerde } from './internal/pattern-runs.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { sideStreams } from './internal/side-streams.ts';
import { checkReach } from './internal/time-bounds.ts';
import type { KStream } from './k-stream.ts';

export interface PatternStep<K, V> {
  /** What the event is called in a match. */
  readonly as: string;
  /** Whether an event can be this step. A type guard narrows its value in the match. */
  readonly where: Predicate<K, V>;
}

type Steps = readonly PatternStep<never, never>[];

type ValueOf<V, Step> = Step extends {
  readonly where: (value: V, ...rest: never[]) => value is infer Narrowed extends V;
}
  ? Narrowed
  : V;

/** The events of a match by the names of their steps. */
export type PatternMatch<V, S extends Steps> = {
  readonly [Step in S[number] as Step['as']]: MatchedEvent<ValueOf<V, Step>>;
};

/** What a run has when its time is over: the first event, and maybe others, but not the last. */
export type PartialMatch<V, S extends Steps> = S extends readonly [
  infer First extends Steps[number],
  ...infer Between extends Steps,
  Steps[number],
]
  ? Shown<PatternMatch<V, readonly [First]> & Partial<PatternMatch<V, Between>>>
  : Partial<PatternMatch<V, S>>;

/** The same as one list of properties, for editors. */
type Shown<T> = { [Name in keyof T]: T[Name] };

export interface PatternOptions<K, V, S extends Steps> extends Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** What has to come, in this order; other events may come between. */
  readonly steps: S;
  /** How long after the first event the last may be, at most. */
  readonly within: Duration;
  /**
   * Events wait so long and are then taken in the order of their timestamps; later ones are `late`.
   * Default: they are taken as they come.
   */
  readonly grace?: Duration;
  /**
   * `'disjoint'` (the default): a match ends all runs of its key, so that no event is in two
   * matches. `'overlapping'`: the other runs go on.
   */
  readonly matches?: 'disjoint' | 'overlapping';
  /** How many runs a key may have. One more, and the oldest ends, as `run-limit`. Default 100. */
  readonly maxRuns?: number;
  /** Given the stream of the runs whose time was over before their last event came. */
  readonly timedOut?: (stream: KStream<K, PartialMatch<V, S>>) => void;
  /** Given the stream of the records that came too late to be taken; only with `grace`. */
  readonly late?: (stream: KStream<K, V>) => void;
  /** What to do when a predicate throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

/**
 * Finds events that follow one another. State: for each key its runs, the beginnings that may
 * still become matches; and with grace the events that wait, as timers.
 */
export function pattern<K, V, S extends readonly PatternStep<K, V>[]>(
  from: Handle,
  options: PatternOptions<K, V, S> & SerdeOptions<K, V>,
): Handle {
  const { name, steps, matches = 'disjoint', maxRuns = 100, late, timedOut, onError } = options;
  const names = steps.map(({ as }) => as);
  checkSteps(name, names);
  checkMaxRuns(name, maxRuns);
  const { withinMs, graceMs } = timesOf(options);
  requireKeyInPlace(from, name);
  const { draft } = from;
  draft.renamed(options);
  const key = resolveSerde('key', options.key, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', options.value, from, name) as Serde<V>; // and values
  const runs = keyValueStore({ name, key, value: patternRunsSerde(names, value) });
  const numbers = keyValueStore({ name: `${name}-numbers`, key: string(), value: int64() });
  const sides = sideStreams(name, {
    late: late && ((side: Handle) => late(draft.handles.stream(side))),
    'timed-out': timedOut && ((side: Handle) => timedOut(draft.handles.stream(side))),
  });
  const predicates = steps.map(({ where }) => where);
  const isDisjoint = matches === 'disjoint';
  const spec = { names, predicates, withinMs, graceMs, isDisjoint, maxRuns, key, value };
  const node = operatorNode<K | null, V | null, K, NamedEvents<V>>({
    kind: 'pattern',
    name,
    parents: [from.node],
    stores: [runs, numbers],
    hasTimers: true,
    detail: { steps: names, withinMs, graceMs, matches, maxRuns },
    onError,
    createProcessor: (context) =>
      patternProcessor(context, {
        ...spec,
        runs,
        numbers,
        main: sides.main,
        timedOut: timedOut === undefined ? undefined : `${name}-timed-out`,
        refuseLate: (own, record) =>
          void sides.refuse(own, record, { reason: 'late', side: 'late' }),
      }),
  });
  draft.add(node);
  const found = { draft, node, key, value: patternMatch(names, value), isKeyChanged: false };
  return sides.open(found, { late: { ...found, value } });
}

const maxSteps = 100;
/** All runs of a key are one row. */
const maxMaxRuns = 10_000;

function checkSteps(node: string, names: readonly string[]): void {
  if (names.length < 1 || names.length > maxSteps) {
    throw badOption(node, `'steps' has ${names.length} steps; take 1 to ${maxSteps}`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw badOption(node, `two steps are called '${twice}': give each its own name`);
}

function checkMaxRuns(node: string, maxRuns: number): void {
  if (Number.isInteger(maxRuns) && maxRuns >= 1 && maxRuns <= maxMaxRuns) return;
  throw badOption(node, `'maxRuns' is ${maxRuns}; take a whole number from 1 to ${maxMaxRuns}`);
}

function badOption(node: string, what: string): ConfigError {
  return new ConfigError('BAD_OPTION', `The pattern '${node}': ${what}.`, { where: { node } });
}

function timesOf({ within, grace }: { within: Duration; grace?: Duration }) {
  const withinMs = durationMs(within, 'within');
  const graceMs = grace === undefined ? null : durationMs(grace, 'grace');
  checkReach('within and grace together', withinMs, graceMs ?? 0);
  return { withinMs, graceMs };
}
