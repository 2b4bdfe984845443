/** Where a rule of the style does not hold, and why. A row that is no longer needed fails. */
export interface Allowance {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

export const allowances: readonly Allowance[] = [];
