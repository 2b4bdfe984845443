import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { DatabaseLine } from '../../sinks/support/database-line.ts';
import type { TestedDatabase } from '../../sinks/support/tested-database.ts';
import type { Disturbance } from '../crew/disturbances.ts';
import { pick } from '../crew/draw.ts';
import type { SinkCounts } from './arguments.ts';

const maxDatabaseDownMs = 1_500;
/** While a batch is on its way, rather than at any time. */
const aimedChance = 0.6;
/** What connections are cut before, or instead of answering it. */
const patienceMs = 2_000;
const maxTries = 20;

export interface DisturbedDatabase {
  readonly database: TestedDatabase;
  readonly line: DatabaseLine;
  readonly random: RandomSource;
}

/** What is done to the database and to the connections with it, one of each at a time. */
export function databaseDisturbances(
  disturbed: DisturbedDatabase,
  { databaseKills, cuts }: SinkCounts,
): readonly Disturbance[] {
  return [
    { name: 'database-kill', times: databaseKills, most: 1, play: () => killDatabase(disturbed) },
    { name: 'cut', times: cuts, most: 1, play: () => cut(disturbed) },
  ];
}

async function killDatabase(disturbed: DisturbedDatabase): Promise<boolean> {
  const { database, random } = disturbed;
  if (random.next() < aimedChance) await untilSeen(disturbed);
  await database.kill();
  await sleep(random.next() * maxDatabaseDownMs);
  await database.restart();
  return true;
}

async function cut(disturbed: DisturbedDatabase): Promise<boolean> {
  // Between the batches, or while the database is down, there may be no connection.
  for (let tries = 0; tries < maxTries; tries++) {
    await untilSeen(disturbed);
    if (disturbed.line.cut() > 0) return true;
    await sleep(50);
  }
  return false;
}

/** Until some request of a delivery, or the answer to it, is on its way; it is held a moment. */
async function untilSeen({ database, line, random }: DisturbedDatabase): Promise<void> {
  const side = random.next() < 0.5 ? 'request' : 'answer';
  const text = pick(database.steps, random);
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
