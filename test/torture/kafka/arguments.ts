import { parseArgs } from 'node:util';
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

/** Null if they cannot be understood. */
export function parseChaosOptions(args: readonly string[]): ChaosOptions | null {
  const values = valuesOf(args);
  if (values === null) return null;
  const breakage = kafkaBreakages.find((known) => known === values.break) ?? null;
  if (values.break !== undefined && breakage === null) return null;
  const hunt = huntFor(breakage);
  const counts = {
    kills: Number(values.kills ?? hunt.counts.kills),
    restarts: Number(values.restarts ?? hunt.counts.restarts),
    zombies: Number(values.zombies ?? hunt.counts.zombies),
    brokerKills: Number(values['broker-kills'] ?? hunt.counts.brokerKills),
    faults: Number(values.faults ?? hunt.counts.faults),
  };
  const seed = Number(values.seed);
  const records = Number(values.records ?? hunt.records);
  const areNumbers = [...Object.values(counts), seed, records].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  return areNumbers ? { hunt, counts, seed, records, version: values.version, breakage } : null;
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kafka: { type: 'boolean' },
        kills: { type: 'string' },
        restarts: { type: 'string' },
        zombies: { type: 'string' },
        'broker-kills': { type: 'string' },
        faults: { type: 'string' },
        seed: { type: 'string', default: '1' },
        records: { type: 'string' },
        version: { type: 'string', default: '4.1.1' },
        break: { type: 'string' },
      },
    }).values;
  } catch {
    return null;
  }
}
