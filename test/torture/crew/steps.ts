/** The steps of a commit: before each but the last, and after it, a worker may be struck. */
export const commitSteps = ['produce', 'progress', 'sendOffsets', 'commit', 'committed'] as const;
/** Those of a delivery to a database, before and after. */
export const deliverySteps = ['apply', 'applied'] as const;
export type Step = (typeof commitSteps)[number] | (typeof deliverySteps)[number];

/** What the parent tells a running worker: strike yourself at the next such step. */
export interface StrikeOrder {
  readonly step: Step;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly askedMs: number;
}

/** Whoever asked strikes by himself after so long, and wakes what was stopped only once. */
export const maxUntilStepMs = 1_000;

/** Short, for a worker that is stopped longer has lost its tasks. */
export const sessionTimeoutMs = 6_000;
