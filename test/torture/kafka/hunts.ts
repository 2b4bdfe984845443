import type { FaultRule } from '../../kafka/support/kafka-proxy.ts';
import type { CrewCounts, Strikes } from '../crew/crew-disturbances.ts';
import type { Bounds } from '../crew/draw.ts';
import { commitSteps } from '../crew/steps.ts';
import { hastyMs, type KafkaBreakage } from './broken-log.ts';
import { requestTimeoutMs } from './worker-options.ts';

/** How many of each disturbance a run has. */
export interface Counts extends CrewCounts {
  readonly brokerKills: number;
  readonly faults: number;
}

/** What a run does to its workers and brokers. */
export interface Hunt extends Strikes {
  /** Unless others are asked for. */
  readonly counts: Counts;
  readonly records: number;
  /** From the beginning of one to that of the next. */
  readonly gapMs: Bounds;
  readonly faults: readonly Pick<FaultRule, 'kind' | 'apis'>[];
  /** A request that is held must outlast its client's patience: the client has gone on by then. */
  readonly heldMs: Bounds;
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
  gapMs: [150, 900],
  killBefore: [null, null, null, ...commitSteps],
  diskLostChance: 0.4,
  freezeBefore: commitSteps,
  frozenSessions: [1.4, 2.4],
  faults: kinds.flatMap((kind) => aims.map((aim) => ({ ...aim, kind }))),
  heldMs: [requestTimeoutMs, requestTimeoutMs + 3_000],
};

const nothing: Counts = { kills: 0, restarts: 0, zombies: 0, brokerKills: 0, faults: 0 };

/** For one defect: the little that shows it. */
const hunts: Readonly<Record<KafkaBreakage, Partial<Hunt>>> = {
  'no-generation': { counts: { ...nothing, zombies: 8 }, freezeBefore: ['produce'] },
  'unstable-offsets': { counts: { ...nothing, zombies: 8 }, freezeBefore: ['commit'] },
  // Who took the tasks over has to lose his copy while the transaction before his is still open.
  'restore-to-last-stable': {
    counts: { ...nothing, zombies: 8, kills: 40 },
    gapMs: [1_500, 3_000],
    killBefore: [null],
    freezeBefore: ['sendOffsets'],
    frozenSessions: [3, 4],
    diskLostChance: 1,
  },
  // The late one ends a transaction that its owner leaves half done: outputs without progress.
  'commit-retried': {
    counts: { ...nothing, zombies: 10, faults: 30 },
    gapMs: [1_500, 3_000],
    freezeBefore: ['progress'],
    faults: [{ kind: 'hold-request', apis: ['EndTxn'] }],
    heldMs: [2 * hastyMs, 6 * hastyMs],
  },
};

export function huntFor(breakage: KafkaBreakage | null): Hunt {
  return breakage === null ? forAnything : { ...forAnything, records: 20_000, ...hunts[breakage] };
}
