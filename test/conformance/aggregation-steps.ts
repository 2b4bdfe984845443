import {
  calendar,
  type CalendarUnit,
  every,
  hopping,
  json,
  onClose,
  onUpdate,
  sliding,
  type SlidingWindows,
  string,
  type TimeWindows,
  tumbling,
  unlimited,
  type Weekday,
} from '../../src/index.ts';
import { type CaseBuild, type CaseStream, type CaseTable, UnsupportedStep } from './case-build.ts';
import type { Step } from './case-file.ts';

interface CaseWindow {
  readonly kind: string;
  readonly size?: number;
  readonly advance?: number;
  readonly difference?: number;
  readonly grace?: number;
  readonly unit?: CalendarUnit;
  readonly zone?: string;
  readonly weekStart?: Weekday;
  readonly from?: number;
}

/** One entry per kind of window. */
const windows: Readonly<Record<string, (window: CaseWindow) => TimeWindows | SlidingWindows>> = {
  tumbling: ({ size = 0, grace = 0 }) => tumbling(size, { grace }),
  hopping: ({ size = 0, advance = 0, grace = 0 }) => hopping(size, { every: advance, grace }),
  calendar: ({ unit = 'day', zone = 'UTC', grace = 0, weekStart }) =>
    unit === 'week' && weekStart !== undefined
      ? calendar(unit, { zone, grace, weekStart })
      : calendar(unit, { zone, grace }),
  unlimited: ({ from = 0 }) => unlimited({ from }),
  sliding: ({ difference = 0, grace = 0 }) => sliding(difference, { grace }),
};

export function count(step: Step, build: CaseBuild): void {
  const { plain, windowed } = sidesOf(step, build);
  const counts = windowed?.count(windowedOptions(step, build)) ?? plain.count(plainOptions(step));
  defineTable(step, build, counts.mapValues(String, { value: string() }));
}

export function reduce(step: Step, build: CaseBuild): void {
  const { plain, windowed } = sidesOf(step, build);
  const reducer =
    step['fn'] === 'max'
      ? (a: string, v: string) => String(Math.max(Number(a), Number(v)))
      : (a: string, v: string) => `${a},${v}`;
  const table =
    windowed?.reduce(reducer, windowedOptions(step, build)) ??
    plain.reduce(reducer, plainOptions(step));
  defineTable(step, build, table);
}

export function aggregate(step: Step, build: CaseBuild): void {
  const { plain, windowed } = sidesOf(step, build);
  if (step['fn'] === 'list-reset') {
    if (windowed !== null) throw new UnsupportedStep('aggregate list-reset in windows');
    const lists = plain.aggregate({
      ...plainOptions(step),
      initializer: (): readonly string[] => [],
      aggregator: (list, value) => (value === 'reset' ? null : [...list, value]),
      value: json<readonly string[]>(),
    });
    const shown = lists.mapValues((list) => `[${list.join(',')}]`, { value: string() });
    return defineTable(step, build, shown);
  }
  const aggregation = {
    initializer: () => '',
    aggregator: (a: string, v: string) => `${a}<${v}`,
    value: string(),
  };
  const table =
    windowed?.aggregate({ ...windowedOptions(step, build), ...aggregation }) ??
    plain.aggregate({ ...plainOptions(step), ...aggregation });
  defineTable(step, build, table);
}

export function sidesOf(step: Step, build: CaseBuild) {
  const plain = build.group(step['of']);
  const window = windowsOf(step);
  return { plain, windowed: window === null ? null : plain.windowedBy(window) };
}

/** The windows of a step; null where it has none. */
export function windowsOf(step: Step): TimeWindows | SlidingWindows | null {
  const window = step['window'] as CaseWindow | undefined; // as the case format says
  if (window === undefined) return null;
  const create = windows[window.kind];
  if (create === undefined) throw new UnsupportedStep(`${window.kind} window`);
  return create(window);
}

export function plainOptions(step: Step) {
  const policy = policyOf(step);
  if (policy.kind === 'on-close') throw new Error(`'${step.id}' has no window that could close.`);
  return { name: step.id, emit: policy };
}

export function windowedOptions(step: Step, build: CaseBuild) {
  const { late, retention } = step;
  return {
    name: step.id,
    emit: policyOf(step),
    ...(retention === undefined ? {} : { retention: Number(retention) }),
    ...(late === undefined
      ? {}
      : {
          late: (stream: CaseStream) => build.define(String(late), { kind: 'stream', stream }),
        }),
  };
}

function policyOf({ emit = 'update' }: Step) {
  if (emit === 'update') return onUpdate();
  if (emit === 'close') return onClose();
  const { every: distance } = emit as { readonly every?: number }; // the only other form
  if (distance === undefined) throw new UnsupportedStep(`emit ${JSON.stringify(emit)}`);
  return every(distance);
}

/** A windowed key is kept as it is: no later step of a case looks into it. */
export function defineTable(step: Step, build: CaseBuild, table: unknown): void {
  build.define(step.id, { kind: 'table', table: table as CaseTable }); // see above
}
