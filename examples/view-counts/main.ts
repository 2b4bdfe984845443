import { play } from '../program/program.ts';
import { parseSettings, usage } from './arguments.ts';
import { runDemo } from './demo.ts';

const hints = { WINDOW_CHANGED: '--fresh starts with another window.' };
process.exitCode = await play(
  { usage, parse: parseSettings, run: runDemo, hints },
  process.argv.slice(2),
);
