import { UsageError } from '../../src/cli/exit-codes.ts';
import * as onEmbedded from './embedded/arguments.ts';
import { torture } from './embedded/torture.ts';
import * as onKafka from './kafka/arguments.ts';
import { chaos } from './kafka/chaos.ts';
import * as intoSinks from './sinks/arguments.ts';
import { sinkChaos } from './sinks/chaos.ts';

interface Torture<Options> {
  readonly usage: string;
  /** @throws {UsageError} */
  parse(args: readonly string[]): Options;
  /** Answers how much was found. */
  play(options: Options): Promise<number>;
}

process.exitCode = await main(process.argv.slice(2));

function main(args: readonly string[]): Promise<number> {
  const own = args.filter((argument) => !['--kafka', '--sinks'].includes(argument));
  if (args.includes('--kafka')) return outcome({ ...onKafka, play: chaos }, own);
  if (args.includes('--sinks')) return outcome({ ...intoSinks, play: sinkChaos }, own);
  return outcome({ ...onEmbedded, play: torture }, own);
}

/** 0: nothing was found; 1: something; 2: wrong arguments. */
async function outcome<Options>(
  { usage, parse, play }: Torture<Options>,
  args: readonly string[],
): Promise<number> {
  let options: Options;
  try {
    options = parse(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  return (await play(options)) === 0 ? 0 : 1;
}
