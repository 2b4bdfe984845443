import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { FaultKind, FaultRule, KafkaProxy } from '../../kafka/support/kafka-proxy.ts';
import type { KafkaCluster } from '../../kafka/support/start-kafka.ts';
import type { ChaosOptions } from './arguments.ts';
import type { Crew } from './crew.ts';
import { commitSteps } from './freezing-log.ts';
import { requestTimeoutMs, sessionTimeoutMs } from './worker-options.ts';

type Disturbance = 'kill' | 'restart' | 'zombie' | 'broker-kill' | 'fault';

const minGapMs = 150;
const maxGapMs = 900;
const kinds: readonly FaultKind[] = ['cut-request', 'hold-request', 'cut', 'delay', 'drop'];
const aims: readonly Pick<FaultRule, 'apis'>[] = [
  {},
  { apis: ['EndTxn'] },
  { apis: ['TxnOffsetCommit'] },
  { apis: ['Produce'] },
];
/** What was aimed at answers that come rarely is given up. */
const maxAimMs = 5_000;

export interface Disturbed {
  readonly cluster: KafkaCluster;
  readonly proxy: KafkaProxy;
  readonly crew: Crew;
  readonly random: RandomSource;
  /** Whether all input is processed, so that there is nothing to disturb any more. */
  readonly isOver: () => boolean;
  /** The brokers that lead what commits go through. */
  readonly coordinators: () => Promise<readonly number[]>;
}

/** Seconds that so many disturbances take, about. */
export function expectedSeconds(counts: ChaosOptions): number {
  const { kills, restarts, zombies, brokerKills, faults } = counts;
  const gaps = kills + restarts + zombies + brokerKills + faults;
  return (gaps * (minGapMs + maxGapMs)) / 2_000 + brokerKills * 4;
}

/** Plays all disturbances in the order of the seed; answers how many of each there were. */
export async function disturb(
  counts: ChaosOptions,
  disturbed: Disturbed,
): Promise<ReadonlyMap<Disturbance, number>> {
  const done = new Map<Disturbance, number>();
  const running = new Set<Promise<void>>();
  for (const disturbance of shuffled(planned(counts), disturbed.random)) {
    if (disturbed.isOver()) break;
    const play = plays[disturbance](disturbed).then((happened) => {
      if (happened) done.set(disturbance, (done.get(disturbance) ?? 0) + 1);
    });
    // With two of three brokers down nothing could be committed: each is back before the next.
    if (disturbance === 'broker-kill') await play;
    const settled: Promise<void> = play.finally(() => running.delete(settled));
    running.add(settled);
    await sleep(minGapMs + disturbed.random.next() * (maxGapMs - minGapMs));
  }
  await Promise.all(running);
  disturbed.proxy.clear();
  disturbed.proxy.cutAll();
  return done;
}

function planned(counts: ChaosOptions): Disturbance[] {
  const times = (count: number, disturbance: Disturbance) =>
    Array.from({ length: count }, () => disturbance);
  return [
    ...times(counts.kills, 'kill'),
    ...times(counts.restarts, 'restart'),
    ...times(counts.zombies, 'zombie'),
    ...times(counts.brokerKills, 'broker-kill'),
    ...times(counts.faults, 'fault'),
  ];
}

const plays: Readonly<Record<Disturbance, (disturbed: Disturbed) => Promise<boolean>>> = {
  kill: async ({ crew, random }) => (await crew.kill(random.next(), random.next() * 500)) !== null,
  zombie: async ({ crew, random }) => {
    const frozenMs = sessionTimeoutMs * (1.2 + random.next() * 0.8);
    return (await crew.freeze(random.next(), pick(commitSteps, random), frozenMs)) !== null;
  },
  restart: async ({ crew, random }) => (await crew.restart(random.next())) !== null,
  'broker-kill': async ({ cluster, random, coordinators }) => {
    const coordinating = random.next() < 0.5 ? await coordinators() : [];
    const candidates = coordinating.length > 0 ? coordinating : [...cluster.pids.keys()];
    const nodeId = candidates[Math.floor(random.next() * candidates.length)];
    if (nodeId === undefined) return false;
    await cluster.kill(nodeId);
    await sleep(500 + random.next() * 3_000);
    await cluster.start(nodeId);
    return true;
  },
  fault: async ({ proxy, random }) => {
    const kind = pick(kinds, random);
    // A request that is held must outlast its client's patience: the client has gone on by then.
    const leastMs = kind === 'hold-request' ? requestTimeoutMs : 200;
    const delayMs = leastMs + random.next() * 3_000;
    const aimed = proxy.aim({ ...pick(aims, random), kind, times: 1, delayMs });
    await Promise.race([aimed.firstStruck, sleep(maxAimMs)]);
    aimed.clear();
    return aimed.count > 0;
  },
};

function pick<T>(of: readonly T[], random: RandomSource): T {
  const picked = of[Math.floor(random.next() * of.length)];
  if (picked === undefined) throw new Error('There is nothing to pick from.');
  return picked;
}

function shuffled<T>(values: readonly T[], random: RandomSource): T[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
