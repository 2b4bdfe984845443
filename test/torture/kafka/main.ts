import { parseChaosOptions, usage } from './arguments.ts';
import { chaos } from './chaos.ts';

const options = parseChaosOptions(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exitCode = 2;
} else {
  process.exitCode = (await chaos(options)) === 0 ? 0 : 1;
}
