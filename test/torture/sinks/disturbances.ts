import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { DatabaseLine } from '../../sinks/support/database-line.ts';
import type { TestedDatabase } from '../../sinks/support/tested-database.ts';
import type { SinkCounts } from './arguments.ts';
import type { Aim, SinkCrew } from './crew.ts';
import { deliverySteps, sessionTimeoutMs } from './worker-options.ts';

type Disturbance = 'kill' | 'zombie' | 'database-kill' | 'cut';

/** Two of three workers stay. */
const maxZombies = 1;
const maxGapMs = 700;
const maxDownMs = 300;
const maxDatabaseDownMs = 1_500;
/** A step of a delivery, rather than any time. */
const aimedChance = 0.6;
/** For how many sessions: the others take the tasks over in the first. */
const [leastFrozen, mostFrozen] = [1.3, 1.9];
/** What connections are cut before, or instead of answering it. */
const patienceMs = 2_000;
const maxTries = 20;

export interface DisturbedSinks {
  readonly crew: SinkCrew;
  readonly database: TestedDatabase;
  readonly line: DatabaseLine;
  readonly random: RandomSource;
}

/** Plays all disturbances in the order of the seed; answers how many of each happened. */
export async function disturbSinks(
  counts: SinkCounts,
  disturbed: DisturbedSinks,
): Promise<ReadonlyMap<string, number>> {
  const { random } = disturbed;
  const done = new Map<string, number>();
  const running = new Map<Promise<void>, Disturbance>();
  const waiting = shuffled(planned(counts), random);
  while (waiting.length > 0) {
    const next = waiting.findIndex((one) => hasRoom(one, [...running.values()]));
    const [disturbance] = next < 0 ? [] : waiting.splice(next, 1);
    if (disturbance === undefined) {
      await Promise.race(running.keys());
      continue;
    }
    const play = plays[disturbance](disturbed).then((happened) => {
      if (happened) done.set(disturbance, (done.get(disturbance) ?? 0) + 1);
    });
    const settled: Promise<void> = play.finally(() => running.delete(settled));
    running.set(settled, disturbance);
    await sleep(random.next() * maxGapMs);
  }
  await Promise.all(running.keys());
  return done;
}

/** Of zombies and dead databases there is one at a time; kills may fall on both. */
function hasRoom(disturbance: Disturbance, running: readonly Disturbance[]): boolean {
  const most = { kill: 2, zombie: maxZombies, 'database-kill': 1, cut: 1 }[disturbance];
  return running.filter((other) => other === disturbance).length < most;
}

function planned({ kills, zombies, databaseKills, cuts }: SinkCounts): Disturbance[] {
  const times = (count: number, what: Disturbance) => Array.from({ length: count }, () => what);
  return [
    ...times(kills, 'kill'),
    ...times(zombies, 'zombie'),
    ...times(databaseKills, 'database-kill'),
    ...times(cuts, 'cut'),
  ];
}

const plays: Readonly<Record<Disturbance, (disturbed: DisturbedSinks) => Promise<boolean>>> = {
  kill: ({ crew, random }) => crew.kill(aimOf(random), random.next() * maxDownMs),
  zombie: ({ crew, random }) => {
    const sessions = leastFrozen + random.next() * (mostFrozen - leastFrozen);
    return crew.freeze(aimOf(random), sessions * sessionTimeoutMs);
  },
  async 'database-kill'({ database, line, random }) {
    if (random.next() < aimedChance) await untilSeen(database, line, random);
    await database.kill();
    await sleep(random.next() * maxDatabaseDownMs);
    await database.restart();
    return true;
  },
  async cut({ database, line, random }) {
    // Between the batches, or while the database is down, there may be no connection.
    for (let tries = 0; tries < maxTries; tries++) {
      await untilSeen(database, line, random);
      if (line.cut() > 0) return true;
      await sleep(50);
    }
    return false;
  },
};

/** Until some request of a delivery, or the answer to it, is on its way; it is held for a moment. */
async function untilSeen(
  { steps }: TestedDatabase,
  line: DatabaseLine,
  random: RandomSource,
): Promise<void> {
  const side = random.next() < 0.5 ? 'request' : 'answer';
  const text = steps[Math.floor(random.next() * steps.length)] ?? '';
  let isOver = false;
  const seen = new Promise<void>((resolve) => {
    line.watch({
      side,
      text,
      onSeen() {
        if (isOver) return;
        line.hold();
        resolve();
      },
    });
  });
  await Promise.race([seen, sleep(patienceMs)]);
  isOver = true;
  // What was held goes on, if there is still anybody to take it.
  setImmediate(() => line.release());
}

function aimOf(random: RandomSource): Aim {
  const choice = random.next();
  const step = deliverySteps[Math.floor(random.next() * deliverySteps.length)] ?? null;
  return { choice, step: random.next() < aimedChance ? step : null };
}

function shuffled<T>(values: readonly T[], random: RandomSource): T[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
