import { play } from '../program/program.ts';
import { usage as viewCountsUsage } from '../view-counts/arguments.ts';
import { areForViewCounts, parseSettings, usage } from './arguments.ts';
import { runPlatform } from './platform.ts';

const args = process.argv.slice(2);
if (areForViewCounts(args)) {
  await import('../view-counts/main.ts');
} else {
  const help = `${usage}\n${viewCountsUsage}`;
  process.exitCode = await play({ usage: help, parse: parseSettings, run: runPlatform }, args);
}
