import { ConfigError, LogError } from '../../model/errors.ts';
import type { RandomSource, Scheduler } from '../../runtime/runtime.ts';
import { seededRandom } from '../../runtime/seeded-random.ts';
import type { Intercept } from './fault-intercept.ts';

/** How often, each as a share of all requests. `fail` and `loseAnswer` exclude each other. */
export interface FaultRates {
  /** Waits before or after the request, up to `maxDelayMs`. */
  readonly delay: number;
  /** Throws `INJECTED_FAULT`; the request is never made. */
  readonly fail: number;
  /** Makes the request and throws `REQUEST_TIMED_OUT`. */
  readonly loseAnswer: number;
}

export interface FaultInjectorOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly rates: FaultRates;
  readonly maxDelayMs: number;
  /** Only these kinds of request; all if absent. */
  readonly apis?: readonly string[];
}

/** What was done to one request. */
export interface InjectedFault {
  readonly api: string;
  /** Counts the requests seen while switched on, from 0. */
  readonly request: number;
  readonly outcome: 'answered' | 'failed' | 'answer-lost';
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
  /** Of the refusal; null unless it failed. */
  readonly errorClass: 'retriable' | 'abort-and-reinitialise' | null;
}

export interface FaultInjector {
  readonly intercept: Intercept;
  /** The faults so far, the last 10,000 of them. */
  readonly trace: readonly InjectedFault[];
  switchOn(): void;
  switchOff(): void;
}

const maxTraceEntries = 10_000;

/**
 * Disturbs requests by chance. The same seed and the same order of requests give the same faults.
 *
 * @throws {ConfigError} `BAD_OPTION`.
 */
export function createFaultInjector(options: FaultInjectorOptions): FaultInjector {
  requireUsable(options);
  const { scheduler, apis } = options;
  const random = seededRandom(options.seed);
  const trace: InjectedFault[] = [];
  let isOn = true;
  let requests = 0;
  const intercept: Intercept = async ({ api }, run) => {
    if (!isOn || apis?.includes(api) === false) return run();
    const fault = decide(options, random, { api, request: requests });
    requests += 1;
    if (isFault(fault)) record(trace, fault);
    return disturb(scheduler, fault, run);
  };
  return {
    intercept,
    trace,
    switchOn() {
      isOn = true;
    },
    switchOff() {
      isOn = false;
    },
  };
}

/** Draws as many numbers for every request, so that one rate does not shift the others' chance. */
function decide(
  { rates, maxDelayMs }: FaultInjectorOptions,
  random: RandomSource,
  request: Pick<InjectedFault, 'api' | 'request'>,
): InjectedFault {
  const fate = random.next();
  const isDelayed = random.next() < rates.delay;
  const drawnDelayMs = Math.ceil(random.next() * maxDelayMs);
  const isBefore = random.next() < 0.5;
  const isRetriable = random.next() < 0.5;
  const delayMs = isDelayed ? drawnDelayMs : 0;
  const delays = { delayBeforeMs: isBefore ? delayMs : 0, delayAfterMs: isBefore ? 0 : delayMs };
  if (fate < rates.fail) {
    const errorClass = isRetriable ? 'retriable' : 'abort-and-reinitialise';
    return { ...request, ...delays, outcome: 'failed', errorClass };
  }
  const isLost = fate < rates.fail + rates.loseAnswer;
  return { ...request, ...delays, outcome: isLost ? 'answer-lost' : 'answered', errorClass: null };
}

async function disturb<T>(
  scheduler: Scheduler,
  fault: InjectedFault,
  run: () => Promise<T>,
): Promise<T> {
  if (fault.delayBeforeMs > 0) await scheduler.sleep(fault.delayBeforeMs);
  if (fault.outcome === 'failed') throw failed(fault);
  const answer = await run();
  if (fault.delayAfterMs > 0) await scheduler.sleep(fault.delayAfterMs);
  if (fault.outcome === 'answer-lost') throw answerLost(fault);
  return answer;
}

function isFault({ outcome, delayBeforeMs, delayAfterMs }: InjectedFault): boolean {
  return outcome !== 'answered' || delayBeforeMs + delayAfterMs > 0;
}

function record(trace: InjectedFault[], fault: InjectedFault): void {
  trace.push(fault);
  if (trace.length > maxTraceEntries) trace.shift();
}

function failed({ api, request, errorClass }: InjectedFault): LogError {
  const text = `Request ${request} ('${api}') was not made: the fault injector refused it.`;
  return new LogError(errorClass ?? 'retriable', 'INJECTED_FAULT', text);
}

/** Never retriable: whether the request was made is unknown to the caller. */
function answerLost({ api, request }: InjectedFault): LogError {
  const text = `Request ${request} ('${api}') was made, but the fault injector lost its answer.`;
  return new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', text);
}

function requireUsable({ rates, maxDelayMs }: FaultInjectorOptions): void {
  const shares = [rates.delay, rates.fail, rates.loseAnswer, rates.fail + rates.loseAnswer];
  if (shares.every((share) => share >= 0 && share <= 1) && maxDelayMs >= 0) return;
  const text = 'Fault rates are shares from 0 to 1, `fail` and `loseAnswer` together too.';
  throw new ConfigError('BAD_OPTION', `${text} 'maxDelayMs' is not negative.`);
}
