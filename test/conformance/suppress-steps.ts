import type { KTable, Windowed } from '../../src/index.ts';
import type { CaseBuild, CaseTable } from './case-build.ts';
import type { Step } from './case-file.ts';

export const suppressSteps: Readonly<Record<string, (step: Step, build: CaseBuild) => void>> = {
  suppress(step, build) {
    const table = build.table(step['of']);
    build.define(step.id, { kind: 'table', table: suppressed(step, table) });
  },
};

function suppressed(step: Step, table: CaseTable): CaseTable {
  if (step['until'] === 'time-limit') {
    return table.suppress({ name: step.id, for: Number(step['ms']) });
  }
  const windowed = table as unknown as KTable<Windowed<string>, string>; // a case that closes windows has some
  const final = windowed.suppress({ name: step.id, until: 'close' });
  return final as unknown as CaseTable; // windowed keys pass as text
}
