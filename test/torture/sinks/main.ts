import { parseSinkOptions, usage } from './arguments.ts';
import { sinkChaos } from './chaos.ts';

const options = parseSinkOptions(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exitCode = 2;
} else {
  process.exitCode = (await sinkChaos(options)) === 0 ? 0 : 1;
}
