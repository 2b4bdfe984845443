import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';
import { embedded } from '../../../src/index.ts';
import { differences } from '../compare.ts';
import type { Dump } from '../dump.ts';
import { partitions, writeInput } from '../input.ts';
import { withDirectory } from '../with-directory.ts';
import type { TortureOptions } from './arguments.ts';
import { type RoundOptions, playRound } from './round.ts';

/** Answers how many differences there were. */
export function torture(options: TortureOptions): Promise<number> {
  return withDirectory((directory) => tortureIn(directory, options));
}

async function tortureIn(base: string, options: TortureOptions): Promise<number> {
  const { kills, seed, records, guarantee, workers, breakage } = options;
  const input = join(base, 'input');
  const log = embedded({ directory: join(input, 'log'), partitions });
  await writeInput(log, { seed, records });
  await log.close();

  const common = { input, guarantee, workers };
  const expected = await undisturbed({ ...common, directory: join(base, 'calm'), breakage: null });
  const random = seededRandom(seed);
  let [killed, rounds, found] = [0, 0, 0];
  // With no kills there is one round still: it shows what a broken commit does when left alone.
  do {
    rounds++;
    const directory = join(base, `round-${rounds}`);
    const round = await playRound({ ...common, directory, breakage }, kills - killed, random);
    const differing = round.dump === null ? [] : differences(expected, round.dump, guarantee);
    const lines = [...round.complaints, ...differing];
    lines.forEach((line) => console.log(`  ${line}`));
    const reached = `last life began at ${Math.round((100 * round.committed) / records)} %`;
    console.log(`round ${rounds}: ${round.kills} kills, ${lines.length} differences, ${reached}`);
    killed += round.kills;
    found += lines.length;
    await rm(directory, { recursive: true, force: true });
  } while (killed < kills && found === 0);
  const what = `${guarantee}, ${records} records, seed ${seed}, ${workers} workers`;
  const broken = breakage === null ? '' : `, commit broken: ${breakage}`;
  console.log(`${killed} kills in ${rounds} rounds, ${found} differences (${what}${broken})`);
  return found;
}

async function undisturbed(round: RoundOptions): Promise<Dump> {
  const { dump, complaints } = await playRound(round, 0, seededRandom(0));
  if (dump === null || complaints.length > 0) {
    throw new Error(`The undisturbed run failed: ${complaints.join('; ')}.`);
  }
  const lines = [...dump.values()].reduce((sum, section) => sum + section.lines.length, 0);
  console.log(`undisturbed: ${dump.size} partitions and stores, ${lines} records and rows`);
  return dump;
}
