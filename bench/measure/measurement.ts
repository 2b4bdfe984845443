import type { Cost } from './cpu.ts';

/** What a case came to. */
export interface Measurement extends Cost {
  readonly records: number;
  readonly bareMicrosPerRecord: number;
  readonly recordsOut: number;
}

/** The line that is printed for a case with `--json`. */
export function jsonLine(name: string, measurement: Measurement): string {
  const { records, recordsPerSecond, cpuMicrosPerRecord } = measurement;
  return JSON.stringify({
    case: name,
    records,
    recordsPerSecond: Math.round(recordsPerSecond),
    cpuMicrosPerRecord: rounded(cpuMicrosPerRecord),
    ratioToBareLoop: rounded(ratioOf(measurement)),
  });
}

export const tableHead = [
  'case                      records  records/s   CPU µs  bare µs  ratio  out/in',
  '------------------------  -------  ---------  -------  -------  -----  ------',
].join('\n');

export function tableRow(name: string, measurement: Measurement): string {
  const { records, recordsPerSecond, cpuMicrosPerRecord, bareMicrosPerRecord, recordsOut } =
    measurement;
  return [
    name.padEnd(24),
    String(records).padStart(7),
    String(Math.round(recordsPerSecond)).padStart(9),
    cpuMicrosPerRecord.toFixed(2).padStart(7),
    bareMicrosPerRecord.toFixed(2).padStart(7),
    ratioOf(measurement).toFixed(2).padStart(5),
    (recordsOut / records).toFixed(2).padStart(6),
  ].join('  ');
}

function ratioOf({ bareMicrosPerRecord, cpuMicrosPerRecord }: Measurement): number {
  return bareMicrosPerRecord / cpuMicrosPerRecord;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
