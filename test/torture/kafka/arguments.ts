import { givenIn } from '../arguments.ts';
import { kafkaBreakages, type KafkaBreakage } from './broken-log.ts';
import { type Counts, type Hunt, huntFor } from './hunts.ts';

export const usage = `npm run torture -- --kafka [--kills N] [--restarts N] [--zombies N]
  [--broker-kills N] [--faults N] [--seed S] [--records N] [--version V] [--break ${kafkaBreakages.join('|')}]

Runs four worker processes on three brokers behind a proxy. Workers are killed, some of them with
their disk, or stopped for longer than their session and then let go on; brokers are killed;
requests and answers are cut, delayed, held and dropped. What the workers leave is compared with a
run that was left alone.
--break makes the log do what loses or repeats work, which must be found; without counts it does to
the workers just what shows that defect.`;

export interface ChaosOptions {
  readonly hunt: Hunt;
  readonly counts: Counts;
  readonly seed: number;
  readonly records: number;
  readonly version: string;
  readonly breakage: KafkaBreakage | null;
}

const countNames = ['kills', 'restarts', 'zombies', 'broker-kills', 'faults'] as const;
const names = [...countNames, 'seed', 'records', 'version', 'break'] as const;

/** @throws {UsageError} */
export function parse(args: readonly string[]): ChaosOptions {
  const given = givenIn(args, names);
  const breakage = given.oneOf('break', kafkaBreakages);
  const hunt = huntFor(breakage);
  const counts = {
    kills: given.count('kills', hunt.counts.kills),
    restarts: given.count('restarts', hunt.counts.restarts),
    zombies: given.count('zombies', hunt.counts.zombies),
    brokerKills: given.count('broker-kills', hunt.counts.brokerKills),
    faults: given.count('faults', hunt.counts.faults),
  };
  const seed = given.count('seed', 1);
  const records = given.count('records', hunt.records);
  return { hunt, counts, seed, records, version: given.text('version') ?? '4.1.1', breakage };
}
