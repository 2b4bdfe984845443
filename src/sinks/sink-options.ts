import { ConfigError } from '../core/model/errors.ts';

export function badOption(sink: string, rule: string): ConfigError {
  return new ConfigError('BAD_OPTION', `The sink '${sink}' cannot be made: ${rule}.`);
}

/**
 * Refuses options that are no whole number from `min`.
 *
 * @throws {ConfigError} `BAD_OPTION`
 */
export function checkWhole(
  sink: string,
  options: Readonly<Record<string, number>>,
  min: number,
): void {
  for (const [option, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= min) continue;
    throw badOption(sink, `'${option}' is to be a whole number from ${min}`);
  }
}
