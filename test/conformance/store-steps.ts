import { type KTable, type SerdesKnown, string } from '../../src/index.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

/** Tables and what looks rows up in them. */
export const storeSteps = {
  table(step: Step, build: CaseBuild): void {
    const topic = String(step['topic']);
    const options = {
      name: step.id,
      key: string(),
      value: string(),
      maxFuture: (step['maxFuture'] ?? 'off') as number | 'off', // as the case format says
    };
    const table =
      step['changelog'] === 'source'
        ? build.builder.table(topic, { ...options, changelog: 'source' })
        : build.builder.table(topic, { ...options, ...keptHow(step) });
    build.define(step.id, { kind: 'table', table });
  },
  toTable(step: Step, build: CaseBuild): void {
    const table = build.stream(step['of']).toTable({ name: step.id, ...keptHow(step) });
    build.define(step.id, { kind: 'table', table });
  },
  'join stream-table'(step: Step, build: CaseBuild): void {
    const stream = build.stream(step['left']);
    const table = build.table(step['right']) as KTable<string, string, SerdesKnown, true>; // where grace is given
    const { grace } = step;
    const options = {
      name: step.id,
      value: string(),
      ...(grace === undefined ? {} : { grace: Number(grace) }),
    };
    const joined =
      step['type'] === 'left'
        ? stream.leftJoin(table, (left, right) => `${left}|${right ?? 'null'}`, options)
        : stream.join(table, (left, right) => `${left}|${right}`, options);
    build.define(step.id, { kind: 'stream', stream: joined });
  },
};

function keptHow({ historyRetention, ttl }: Step) {
  return {
    ...(ttl === undefined ? {} : { timeToLive: Number(ttl) }),
    ...(historyRetention === undefined ? {} : { versioned: { history: Number(historyRetention) } }),
  };
}
