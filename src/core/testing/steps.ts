import { invariant } from '../model/invariant.ts';
import { isPromise, type MaybePromise } from '../model/maybe-promise.ts';

/** Work that may wait for input and output: it yields the promises it waits for. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** The value, waited for only if it is not there yet. */
export function* wait<T>(value: MaybePromise<T>): Steps<T> {
  if (!isPromise(value)) return value;
  return (yield value) as T; // the runner gives back what the promise resolves to
}

/** Runs work that has nothing to wait for: everything lies in memory. */
export function runNow<T>(steps: Steps<T>): T {
  const step = steps.next();
  invariant(step.done === true, 'On memory everything is there at once.');
  return step.value;
}

/** Runs work and awaits what it waits for. */
export async function runSteps<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    try {
      step = steps.next(await step.value);
    } catch (error) {
      step = steps.throw(error);
    }
  }
  return step.value;
}
