import type { BareLoop, Payloads } from './bare-loop.ts';
import { collectGarbage, costSince, snapshot } from './cpu.ts';

/** Long enough for the compiler to be done. */
const warmUpRecords = 150_000;
const measuredRecords = 600_000;

/** CPU microseconds per record of the bare loop, after warm-up, over as much input as there is. */
export function measureBareLoop(loop: BareLoop, input: readonly Payloads[]): number {
  passOver(input, loop, warmUpRecords);
  collectGarbage();
  const start = snapshot();
  const records = passOver(input, loop, measuredRecords);
  return costSince(start, records).cpuMicrosPerRecord;
}

/** Begins again at the start until there were enough. */
function passOver(input: readonly Payloads[], loop: BareLoop, minRecords: number): number {
  let records = 0;
  let checked = 0;
  while (records < minRecords) {
    for (const payloads of input) {
      checked += loop(payloads);
      records += payloads.count;
      if (records >= minRecords) break;
    }
  }
  if (checked === 0) throw new Error('The bare loop did nothing.');
  return records;
}
