import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { KafkaProxy } from '../../kafka/support/kafka-proxy.ts';
import type { KafkaCluster } from '../../kafka/support/start-kafka.ts';
import type { Crew } from './crew.ts';
import type { Counts, Hunt } from './hunts.ts';
import { sessionTimeoutMs } from './worker-options.ts';

type Disturbance = 'kill' | 'restart' | 'zombie' | 'broker-kill' | 'fault';

const minGapMs = 150;
const maxGapMs = 900;
/** The others need the session to be over, and then time to take the tasks over and go on. */
const minFrozenMs = sessionTimeoutMs * 1.4;
const maxFrozenMs = sessionTimeoutMs * 2.4;
/** Two of four workers stay. */
const maxZombies = 2;
const maxDownMs = 500;
const diskLostChance = 0.4;
/** What was aimed at requests that come rarely is given up. */
const maxAimMs = 15_000;

export interface Disturbed {
  readonly cluster: KafkaCluster;
  readonly proxy: KafkaProxy;
  readonly crew: Crew;
  readonly random: RandomSource;
  readonly hunt: Hunt;
  /** Whether all input is processed, so that there is nothing to disturb any more. */
  readonly isOver: () => boolean;
  /** The brokers that lead what commits go through. */
  readonly coordinators: () => Promise<readonly number[]>;
}

/** Seconds that so many disturbances take, about. */
export function expectedSeconds({ kills, restarts, zombies, brokerKills, faults }: Counts): number {
  const gaps = kills + restarts + zombies + brokerKills + faults;
  const frozenMs = (zombies * (minFrozenMs + maxFrozenMs)) / 2 / maxZombies;
  return (gaps * ((minGapMs + maxGapMs) / 2) + frozenMs) / 1_000 + brokerKills * 4;
}

/** Plays all disturbances in the order of the seed; answers how many of each there were. */
export async function disturb(
  counts: Counts,
  disturbed: Disturbed,
): Promise<ReadonlyMap<Disturbance, number>> {
  const done = new Map<Disturbance, number>();
  const running = new Map<Promise<void>, Disturbance>();
  for (const disturbance of shuffled(planned(counts), disturbed.random)) {
    await room(disturbance, running);
    if (disturbed.isOver()) break;
    const play = plays[disturbance](disturbed).then((happened) => {
      if (happened) done.set(disturbance, (done.get(disturbance) ?? 0) + 1);
    });
    const settled: Promise<void> = play.finally(() => running.delete(settled));
    running.set(settled, disturbance);
    await sleep(minGapMs + disturbed.random.next() * (maxGapMs - minGapMs));
  }
  await Promise.all(running.keys());
  disturbed.proxy.clear();
  disturbed.proxy.cutAll();
  return done;
}

/** With two of three brokers down nothing could be committed: each is back before the next. */
async function room(
  disturbance: Disturbance,
  running: ReadonlyMap<Promise<void>, Disturbance>,
): Promise<void> {
  const most: Partial<Record<Disturbance, number>> = { 'broker-kill': 1, zombie: maxZombies };
  for (;;) {
    const alike = [...running].filter(([, other]) => other === disturbance);
    if (alike.length < (most[disturbance] ?? Infinity)) return;
    await Promise.race(alike.map(([play]) => play));
  }
}

function planned(counts: Counts): Disturbance[] {
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
  kill: async ({ crew, random }) => {
    const isDiskLost = random.next() < diskLostChance;
    return (await crew.kill(random.next(), random.next() * maxDownMs, isDiskLost)) !== null;
  },
  zombie: async ({ crew, random, hunt }) => {
    const frozenMs = minFrozenMs + random.next() * (maxFrozenMs - minFrozenMs);
    return (await crew.freeze(random.next(), pick(hunt.freezeBefore, random), frozenMs)) !== null;
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
  fault: async ({ proxy, random, hunt }) => {
    const fault = pick(hunt.faults, random);
    const leastMs = fault.kind === 'hold-request' ? hunt.leastHeldMs : 200;
    const delayMs = leastMs + random.next() * 3_000;
    const aimed = proxy.aim({ ...fault, times: 1, delayMs });
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
