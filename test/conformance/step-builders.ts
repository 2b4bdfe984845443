import { noHeaders, type ProcessorContext, string } from '../../src/index.ts';
import { sessionSteps } from './session-steps.ts';
import type { CaseBuild, CaseStream } from './case-build.ts';
import type { Step } from './case-file.ts';
import { cogroupSteps } from './cogroup-steps.ts';
import { groupedTableSteps, groupTable } from './grouped-table-steps.ts';
import { patternSteps } from './pattern-steps.ts';
import { topNSteps } from './top-n-steps.ts';
import { suppressSteps } from './suppress-steps.ts';
import { streamSteps } from './stream-steps.ts';
import { tableJoinSteps } from './table-join-steps.ts';
import { distinctSteps } from './distinct-steps.ts';
import { storeSteps } from './store-steps.ts';

/** Builds one step with the public DSL and defines what later steps call it. */
export type StepBuilder = (step: Step, build: CaseBuild) => void;

/** One entry per operator of the case format; a join is looked up with its kind. */
export const stepBuilders: Readonly<Record<string, StepBuilder>> = {
  stream(step, build) {
    const stream = build.builder.stream(String(step['topic']), {
      name: step.id,
      key: string(),
      value: string(),
      tombstones: (step['tombstones'] ?? 'keep') as 'keep', // 'drop' only narrows the values
      maxFuture: (step['maxFuture'] ?? 'off') as number | 'off', // as the case format says
      onInvalidTimestamp: (step['onInvalidTimestamp'] ?? 'drop') as 'drop' | 'partition-time', // likewise
    });
    build.define(step.id, { kind: 'stream', stream });
  },
  filter(step, build) {
    const passes = predicateOf(step);
    const of = build.node(step['of']);
    if (of.kind === 'table') {
      build.define(step.id, { kind: 'table', table: of.table.filter(passes) });
    } else {
      const stream = build.stream(step['of']).filter((value) => value === null || passes(value));
      build.define(step.id, { kind: 'stream', stream });
    }
  },
  mapValues(step, build) {
    const append = (value: string) => value + String(step['append']);
    const of = build.node(step['of']);
    const options = { value: string() };
    if (of.kind === 'table') {
      build.define(step.id, { kind: 'table', table: of.table.mapValues(append, options) });
    } else {
      const mapper = (value: string | null) => (value === null ? null : append(value));
      const stream = build.stream(step['of']).mapValues(mapper, options);
      build.define(step.id, { kind: 'stream', stream });
    }
  },
  selectKey(step, build) {
    const stream = build.stream(step['of']).selectKey(keyPart, { key: string() });
    build.define(step.id, { kind: 'stream', stream });
  },
  merge(step, build) {
    const stream = build.stream(step['left']).merge(build.stream(step['right']));
    build.define(step.id, { kind: 'stream', stream });
  },
  split(step, build) {
    const branches = step['branches'] as readonly { id: string; prefix: string }[]; // as the format says
    const predicates = branches.map(({ id, prefix }) => [
      id,
      (value: string | null) => value?.startsWith(prefix) ?? false,
    ]);
    const rest = step['default'];
    const streams: Readonly<Record<string, CaseStream>> = build.stream(step['of']).split({
      ...Object.fromEntries(predicates),
      ...(rest === undefined ? {} : { default: true }),
    });
    for (const [name, stream] of Object.entries(streams)) {
      const isRest = name === 'default' && rest !== undefined;
      build.define(isRest ? String(rest) : name, { kind: 'stream', stream });
    }
  },
  repartition(step, build) {
    const stream = build.stream(step['of']).repartition({ name: step.id });
    build.define(step.id, { kind: 'stream', stream });
  },
  toStream(step, build) {
    build.define(step.id, { kind: 'stream', stream: build.table(step['of']).toStream() });
  },
  groupByKey(step, build) {
    build.define(step.id, {
      kind: 'group',
      group: build.stream(step['of']).groupByKey({ name: step.id }),
    });
  },
  groupBy(step, build) {
    if (build.node(step['of']).kind === 'table') return groupTable(step, build);
    const group = build.stream(step['of']).groupBy(keyPart, { name: step.id, key: string() });
    build.define(step.id, { kind: 'group', group });
  },
  ...cogroupSteps,
  ...patternSteps,
  ...topNSteps,
  ...groupedTableSteps(sessionSteps),
  ...suppressSteps,
  ...streamSteps,
  ...tableJoinSteps,
  ...distinctSteps,
  ...storeSteps,
  ticks(step, build) {
    const stream = build.stream(step['of']).process(
      {
        name: step.id,
        create: (context: ProcessorContext<string | null, string | null>) => {
          const every = Number(step['every']);
          context.schedule({ every, by: 'stream-time' }, ({ timeMs, missed }) => {
            const value = `tick ${timeMs}${missed === 0 ? '' : ` missed ${missed}`}`;
            context.forward({ key: null, value, timestamp: timeMs, headers: noHeaders });
          });
          return { process: () => undefined };
        },
      },
      { key: string(), value: string() },
    );
    build.define(step.id, { kind: 'stream', stream });
  },
  to(step, build) {
    const of = build.node(step['of']);
    const topic = String(step['topic']);
    const stream = of.kind === 'table' ? of.table.toStream() : build.stream(step['of']);
    stream.to(topic, { name: step.id });
    build.outputTopics.add(topic);
  },
};

function predicateOf(step: Step): (value: string) => boolean {
  const { dropPrefix, atLeast } = step;
  if (dropPrefix !== undefined) return (value) => !value.startsWith(String(dropPrefix));
  return (value) => Number(value) >= Number(atLeast);
}

/** The part before the first colon. */
function keyPart(value: string | null): string | null {
  const colon = value?.indexOf(':') ?? -1;
  return value === null || colon < 0 ? null : value.slice(0, colon);
}
