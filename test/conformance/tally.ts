import type { CaseResult } from './run-case.ts';

/** Counts results; skipped ones by the operator that is missing. */
export class Tally {
  passed = 0;
  private readonly failures: string[] = [];
  private readonly skips = new Map<string, number>();

  add(id: string, result: CaseResult): void {
    if (result.outcome === 'passed') this.passed += 1;
    else if (result.outcome === 'failed') this.failures.push(`${id}: ${result.problem}`);
    else this.skips.set(result.kind, (this.skips.get(result.kind) ?? 0) + 1);
  }

  get failed(): readonly string[] {
    return this.failures;
  }

  get skipped(): number {
    return [...this.skips.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Kinds with their counts, then the one line that sums up. */
  summary(): readonly string[] {
    const kinds = [...this.skips]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, count]) => `skipped ${count} for ${kind}`);
    const totals = `${this.passed} passed, ${this.failures.length} failed, ${this.skipped} skipped`;
    return [...kinds, totals];
  }
}
