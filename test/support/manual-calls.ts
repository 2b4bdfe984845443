import type { AsyncRecordContext } from '../../src/index.ts';
import type { RecordToSend, TopologyTestDriver } from '../../src/testing.ts';

/** Calls that end when the test says so, by value. */
export function manualCalls() {
  const open = new Map<string, { end: (result: string) => void; fail: (error: Error) => void }>();
  const made: string[] = [];
  const aborted: string[] = [];
  return {
    made,
    aborted,
    call(value: string, _key?: string | null, context?: AsyncRecordContext): Promise<string> {
      made.push(value);
      context?.signal.addEventListener('abort', () => aborted.push(value));
      return new Promise((end, fail) => open.set(value, { end, fail }));
    },
    end: (value: string, result = value.toUpperCase()) => open.get(value)?.end(result),
    fail: (value: string) => open.get(value)?.fail(new Error(`no ${value}`)),
  };
}

/** Records whose keys are the first letters of their values, one millisecond apart. */
export const sent = (...values: string[]): RecordToSend[] =>
  values.map((value, timestamp) => ({ key: value[0], value, timestamp }));

/** Lets what has ended arrive. */
export const arrived = (driver: TopologyTestDriver) =>
  new Promise<void>((done) => setImmediate(done)).then(() => driver.advanceWallClock(0));
