import type { EngineResult } from './comparison.ts';

/** Both engines on one query under one guarantee; the medians of their runs. */
export interface Pair {
  readonly millrace: EngineResult;
  readonly peer: EngineResult;
}

export const tableHead = [
  'query                     guarantee      records/s          CPU µs        steady µs   ratio  checksum',
  '                                      millrace    peer  millrace   peer  millrace   peer',
  '------------------------  -------------  ------  ------  -------  -----  -------  -----  ----  --------',
].join('\n');

export function tableRow({ millrace, peer }: Pair): string {
  const ratio = millrace.steadyCpuMicrosPerRecord / peer.steadyCpuMicrosPerRecord;
  const both = (of: (result: EngineResult) => string, width: number) =>
    `${of(millrace).padStart(width)}  ${of(peer).padStart(width)}`;
  return [
    millrace.query.padEnd(24),
    millrace.guarantee.padEnd(13),
    both(({ recordsPerSecond }) => String(Math.round(recordsPerSecond)), 7),
    both(({ cpuMicrosPerRecord }) => cpuMicrosPerRecord.toFixed(2), 6),
    both(({ steadyCpuMicrosPerRecord }) => steadyCpuMicrosPerRecord.toFixed(2), 6),
    ratio.toFixed(2).padStart(5),
    millrace.checksum === peer.checksum ? 'equal' : 'DIFFERENT',
  ].join('  ');
}

/** Of an odd number of runs the middle one by steady CPU, whole. */
export function median(results: readonly EngineResult[]): EngineResult {
  const sorted = [...results].sort(
    (a, b) => a.steadyCpuMicrosPerRecord - b.steadyCpuMicrosPerRecord,
  );
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('There was no run.');
  return middle;
}

export function jsonLine(result: EngineResult): string {
  const { query, engine, guarantee, records, recordsPerSecond, checksum } = result;
  const rounded = (value: number) => Number(value.toFixed(3));
  return JSON.stringify({
    query,
    engine,
    guarantee,
    records,
    recordsPerSecond: Math.round(recordsPerSecond),
    cpuMicrosPerRecord: rounded(result.cpuMicrosPerRecord),
    steadyCpuMicrosPerRecord: rounded(result.steadyCpuMicrosPerRecord),
    checksum,
  });
}
