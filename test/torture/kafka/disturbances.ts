import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { KafkaProxy } from '../../kafka/support/kafka-proxy.ts';
import type { KafkaCluster } from '../../kafka/support/start-kafka.ts';
import { maxZombiesOf } from '../crew/crew-disturbances.ts';
import type { Disturbance } from '../crew/disturbances.ts';
import { type Bounds, between, pick } from '../crew/draw.ts';
import { sessionTimeoutMs } from '../crew/steps.ts';
import type { Counts, Hunt } from './hunts.ts';

const brokerDownMs: Bounds = [500, 3_500];
/** Of an answer. */
const delayedMs: Bounds = [200, 3_200];
/** What was aimed at requests that come rarely is given up. */
const maxAimMs = 15_000;

export interface DisturbedCluster {
  readonly cluster: KafkaCluster;
  readonly proxy: KafkaProxy;
  readonly random: RandomSource;
  readonly hunt: Hunt;
  /** The brokers that lead what commits go through. */
  readonly coordinators: () => Promise<readonly number[]>;
}

/** Seconds that so many disturbances of so many workers take, about. */
export function expectedSeconds(
  { kills, restarts, zombies, brokerKills, faults }: Counts,
  { frozenSessions, gapMs }: Hunt,
  workers: number,
): number {
  const gaps = kills + restarts + zombies + brokerKills + faults;
  const frozenMs = (zombies * sessionTimeoutMs * middleOf(frozenSessions)) / maxZombiesOf(workers);
  return Math.max(gaps * middleOf(gapMs), frozenMs) / 1_000 + brokerKills * 4;
}

function middleOf([least, most]: Bounds): number {
  return (least + most) / 2;
}

/** What is done to the brokers, and to what they are asked and answer. */
export function clusterDisturbances(
  disturbed: DisturbedCluster,
  { brokerKills, faults }: Counts,
): readonly Disturbance[] {
  return [
    // With two of three brokers down nothing could be committed: each is back before the next.
    { name: 'broker-kill', times: brokerKills, most: 1, play: () => killBroker(disturbed) },
    { name: 'fault', times: faults, most: Infinity, play: () => disturbRequest(disturbed) },
  ];
}

async function killBroker({ cluster, random, coordinators }: DisturbedCluster): Promise<boolean> {
  // Where nobody can tell at the moment, any broker will do.
  const coordinating = random.next() < 0.5 ? await coordinators().catch(() => []) : [];
  const candidates = coordinating.length > 0 ? coordinating : [...cluster.pids.keys()];
  const nodeId = pick(candidates, random);
  await cluster.kill(nodeId);
  await sleep(between(brokerDownMs, random));
  await cluster.start(nodeId);
  return true;
}

async function disturbRequest({ proxy, random, hunt }: DisturbedCluster): Promise<boolean> {
  const fault = pick(hunt.faults, random);
  const delayMs = between(fault.kind === 'hold-request' ? hunt.heldMs : delayedMs, random);
  const aimed = proxy.aim({ ...fault, times: 1, delayMs });
  await Promise.race([aimed.firstStruck, sleep(maxAimMs)]);
  aimed.clear();
  return aimed.count > 0;
}
