import type { FaultRule } from '../../kafka/support/kafka-proxy.ts';
import { hastyMs, type KafkaBreakage } from './broken-log.ts';
import { type CommitStep, commitSteps } from './freezing-log.ts';
import { requestTimeoutMs } from './worker-options.ts';

/** How many of each disturbance a run has. */
export interface Counts {
  readonly kills: number;
  readonly restarts: number;
  readonly zombies: number;
  readonly brokerKills: number;
  readonly faults: number;
}

/** What a run does to its workers. */
export interface Hunt {
  /** Unless others are asked for. */
  readonly counts: Counts;
  readonly records: number;
  /** Where zombies stand still. */
  readonly freezeBefore: readonly CommitStep[];
  readonly faults: readonly Pick<FaultRule, 'kind' | 'apis'>[];
  /** A request that is held must outlast its client's patience: the client has gone on by then. */
  readonly leastHeldMs: number;
}

const kinds = ['cut-request', 'hold-request', 'cut', 'delay', 'drop'] as const;
const aims: readonly Pick<FaultRule, 'apis'>[] = [
  {},
  { apis: ['EndTxn'] },
  { apis: ['TxnOffsetCommit'] },
  { apis: ['Produce'] },
];

/** All there is. */
const forAnything: Hunt = {
  counts: { kills: 20, restarts: 5, zombies: 5, brokerKills: 3, faults: 20 },
  records: 60_000,
  freezeBefore: commitSteps,
  faults: kinds.flatMap((kind) => aims.map((aim) => ({ ...aim, kind }))),
  leastHeldMs: requestTimeoutMs,
};

const nothing: Counts = { kills: 0, restarts: 0, zombies: 0, brokerKills: 0, faults: 0 };

/** For one defect: the little that shows it. */
const hunts: Readonly<Record<KafkaBreakage, Partial<Hunt>>> = {
  'no-generation': { counts: { ...nothing, zombies: 8 }, freezeBefore: ['produce'] },
  'unstable-offsets': { counts: { ...nothing, zombies: 8 }, freezeBefore: ['commit'] },
  // Who took the tasks over has to lose his copy while the transaction before his is still open.
  'restore-to-last-stable': {
    counts: { ...nothing, zombies: 8, kills: 60 },
    freezeBefore: ['sendOffsets'],
  },
  'commit-retried': {
    counts: { ...nothing, faults: 40 },
    faults: [{ kind: 'hold-request', apis: ['EndTxn'] }],
    leastHeldMs: hastyMs,
  },
};

export function huntFor(breakage: KafkaBreakage | null): Hunt {
  return breakage === null ? forAnything : { ...forAnything, records: 20_000, ...hunts[breakage] };
}
