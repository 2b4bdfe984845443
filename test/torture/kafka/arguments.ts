import { parseArgs } from 'node:util';
import { kafkaBreakages, type KafkaBreakage } from './broken-log.ts';

export const usage = `npm run torture -- --kafka [--kills N] [--restarts N] [--zombies N]
  [--broker-kills N] [--faults N] [--seed S] [--records N] [--version V] [--break ${kafkaBreakages.join('|')}]

Runs four worker processes on three brokers behind a proxy. Workers are killed, or stopped for
longer than their session and then let go on; brokers are killed; answers are cut, delayed and
dropped. What the workers leave is compared with a run that was left alone.
--break makes the log do what loses or repeats work, which must be found.`;

export interface ChaosOptions {
  readonly kills: number;
  readonly restarts: number;
  readonly zombies: number;
  readonly brokerKills: number;
  readonly faults: number;
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
  const counts = {
    kills: Number(values.kills),
    restarts: Number(values.restarts),
    zombies: Number(values.zombies),
    brokerKills: Number(values['broker-kills']),
    faults: Number(values.faults),
    seed: Number(values.seed),
    records: Number(values.records),
  };
  const areNumbers = Object.values(counts).every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  return areNumbers ? { ...counts, version: values.version, breakage } : null;
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kafka: { type: 'boolean' },
        kills: { type: 'string', default: '20' },
        restarts: { type: 'string', default: '5' },
        zombies: { type: 'string', default: '5' },
        'broker-kills': { type: 'string', default: '3' },
        faults: { type: 'string', default: '20' },
        seed: { type: 'string', default: '1' },
        records: { type: 'string', default: '60000' },
        version: { type: 'string', default: '4.1.1' },
        break: { type: 'string' },
      },
    }).values;
  } catch {
    return null;
  }
}
