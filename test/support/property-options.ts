import { defaultReportMessage, type Parameters, type RunDetails } from 'fast-check';
import { expect } from 'vitest';

/**
 * Parameters of a property: `PROPERTY_SEED` replays one seed, `PROPERTY_SCALE` multiplies the runs.
 * A failure prints the command that replays it.
 */
export function propertyOptions<Ts>(numRuns: number): Parameters<Ts> {
  const seed = process.env['PROPERTY_SEED'];
  const scale = Number(process.env['PROPERTY_SCALE'] ?? 1);
  const shared = { numRuns: Math.max(1, Math.round(numRuns * scale)) };
  const replayed = seed === undefined ? {} : { seed: Number(seed) };
  // fast-check calls it for asynchronous properties too.
  return { ...shared, ...replayed, reporter: report };
}

function report<Ts>(details: RunDetails<Ts>): void {
  if (!details.failed) return;
  const message = defaultReportMessage(details) ?? 'The property failed.';
  const cause = details.errorInstance instanceof Error ? details.errorInstance : undefined;
  const file = expect.getState().testPath ?? '<file>';
  const replay = `Replay: PROPERTY_SEED=${details.seed} npm test -- ${file}`;
  throw new Error(`${message}\n${replay}`, { cause });
}
