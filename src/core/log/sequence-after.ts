/** Sequences count records and begin at 0 again after 2^31 - 1. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % 2 ** 31;
}
