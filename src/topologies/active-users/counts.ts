import { invariant } from '../../core/model/invariant.ts';
import type { Windowed } from '../../core/model/windows.ts';
import { json } from '../../core/serde/json.ts';
import { int64 } from '../../core/serde/integers.ts';
import { string } from '../../core/serde/string.ts';
import { onUpdate, type WindowedEmitPolicy } from '../../operators/internal/emit.ts';
import type { KStream } from '../../operators/k-stream.ts';
import type { KTable } from '../../operators/k-table.ts';
import { bitOf, type Calendar, countNames, type Period, windowsOf } from './periods.ts';
import type { Visit } from './visits.ts';

/** Users of each period, by what is counted apart. */
export type Counts = KTable<Windowed<string>, number>;

/** The counts of one period, with names that end in what is given. */
export type CountPeriod = (period: Period, emit: WindowedEmitPolicy, ending: string) => Counts;

interface CountSpec {
  readonly name: string;
  readonly calendar: Calendar;
}

/** Counts first visits: there is one of each user. */
export function exactCounts(
  firsts: KStream<string, Period>,
  { name, calendar }: CountSpec,
): CountPeriod {
  return (period, emit, ending) =>
    firsts
      .filter((own) => own === period)
      .groupByKey()
      .windowedBy(windowsOf(calendar, period, 2))
      .count({ name: `${name}-${countNames[period]}${ending}`, emit });
}

/**
 * Users are spread over so many sketches, each user in one, so that no task sees them all and what
 * the sketches say can be added up.
 */
export const sketches = 16;
/** Registers of one sketch: 2^12. Together 65,536, a standard error of 0.41 %. */
const precision = 12;

/** What one sketch of a period says. */
interface SketchCount {
  readonly period: Period;
  readonly sketch: number;
  readonly users: number;
}

/** Adds up what the sketches say. Visits are keyed by sketch and what is counted apart. */
export function approximateCounts(
  visits: KStream<string, Visit>,
  { name, calendar }: CountSpec,
): CountPeriod {
  const parts = calendar.periods.map((period) =>
    visits
      .filter(({ open }) => (open & bitOf(period)) !== 0)
      .groupByKey()
      .windowedBy(windowsOf(calendar, period, 1))
      .countDistinct(({ of }) => of, {
        name: `${name}-${countNames[period]}-sketches`,
        id: string(),
        precision,
        emit: onUpdate(),
      })
      .toStream()
      .map(
        (users, { key }) => {
          const { sketch, by } = readSketchKey(key);
          return { key: by, value: { period, sketch, users: users ?? 0 } };
        },
        { key: string(), value: json<SketchCount>() },
      ),
  );
  const [first, ...rest] = parts;
  invariant(first !== undefined, 'Users are counted in one period at least.');
  const merged = rest.reduce((all, part) => all.merge(part), first);
  const counts = merged.repartition({ name: `${name}-sketches` });
  return (period, emit, ending) =>
    counts
      .filter((count) => count.period === period)
      .groupByKey()
      .windowedBy(windowsOf(calendar, period, 2))
      .aggregate({
        name: `${name}-${countNames[period]}${ending}`,
        initializer: (): readonly number[] => Array.from({ length: sketches }, () => 0),
        aggregator: (all, { sketch, users }) => all.with(sketch, users),
        value: json<readonly number[]>(),
        emit,
      })
      .mapValues((all) => all.reduce((sum, users) => sum + users, 0), { value: int64() });
}

/** The key of the visits that one sketch takes. */
export function sketchKey(sketch: number, by: string): string {
  return `${sketch}:${by}`;
}

function readSketchKey(key: string): { readonly sketch: number; readonly by: string } {
  const end = key.indexOf(':');
  return { sketch: Number(key.slice(0, end)), by: key.slice(end + 1) };
}
