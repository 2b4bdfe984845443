import { type MillraceError, WorkerError } from '../model/errors.ts';

/** Records looked back on, and how many of them may be in error (SEMANTICS "Breaker"). */
const windowRecords = 1000;
const maxErrors = windowRecords / 2;

/** Trips when more than half of the last 1000 records of a partition were in error. */
export class ErrorBreaker {
  /** Numbers of the last errors' records, as a ring. */
  private readonly errors: number[] = [];
  private oldest = 0;

  /** `record` counts the records of the partition. Returns whether the breaker trips. */
  tripsOn(record: number): boolean {
    if (this.errors.length < maxErrors) {
      this.errors.push(record);
      return false;
    }
    const oldest = this.errors[this.oldest] ?? 0;
    this.errors[this.oldest] = record;
    this.oldest = (this.oldest + 1) % maxErrors;
    return record - oldest < windowRecords;
  }
}

/** What stops the worker once the breaker has tripped; `last` is the error of the last record. */
export function errorRate(last: MillraceError, task: string, node: string): WorkerError {
  return new WorkerError(
    'ERROR_RATE',
    `More than half of the last ${windowRecords} records of task ${task} were in error, last at ` +
      `node '${node}': ${last.message} Mend what makes or refuses them; the worker then goes on ` +
      'where it stopped.',
    { where: { ...last.where, node, task }, cause: last },
  );
}
