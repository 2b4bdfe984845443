import { string } from '../../src/index.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

type Side = string | null;

const joiner = (left: Side, right: Side) => `${left ?? 'null'}|${right ?? 'null'}`;

function tableTable(step: Step, build: CaseBuild): void {
  const [left, right] = [build.table(step['left']), build.table(step['right'])];
  const options = { name: step.id, value: string() };
  const joined =
    step['type'] === 'inner'
      ? left.join(right, joiner, options)
      : step['type'] === 'left'
        ? left.leftJoin(right, joiner, options)
        : left.outerJoin(right, joiner, options);
  build.define(step.id, { kind: 'table', table: joined });
}

function foreignKey(step: Step, build: CaseBuild): void {
  const [left, right] = [build.table(step['left']), build.table(step['right'])];
  const options = { name: step.id, value: string(), foreignKey: keyPart };
  const joined =
    step['type'] === 'left'
      ? left.leftJoin(right, joiner, options)
      : left.join(right, joiner, options);
  build.define(step.id, { kind: 'table', table: joined });
}

/** The part before the first colon. */
function keyPart(value: string): string | null {
  const colon = value.indexOf(':');
  return colon < 0 ? null : value.slice(0, colon);
}

export const tableJoinSteps = {
  'join table-table': tableTable,
  'join foreign-key': foreignKey,
};
