import { defaultPartition } from '../log/murmur2.ts';
import type { ErrorStage } from '../model/drop-reason.ts';
import { MillraceError } from '../model/errors.ts';
import { type Headers, headersOf, noHeaders } from '../model/headers.ts';
import type { OutputCollector } from './output-collector.ts';

/** What the unit in error was working on: a source record as bytes, or a timer. */
export interface UnitOrigin {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly topic: string | null;
  readonly partition: number;
  readonly offset: number | null;
}

export interface DeadLetterOptions {
  readonly topic: string;
  readonly application: string;
  readonly taskId: string;
  readonly includesStack: boolean;
  readonly collector: OutputCollector;
  readonly partitionsOf: (topic: string) => number;
}

/** Why the record is no good. */
export interface DeadLetterCause {
  readonly stage: ErrorStage;
  /** The code of the error; of a drop its reason. */
  readonly code: string;
  readonly message: string;
  readonly node: string;
  /** Null for a drop. */
  readonly error: MillraceError | null;
}

/** Begins the names of the headers that tell where a record was in error, and why. */
export const errorHeaderPrefix = 'millrace.error.';

/** A message longer than this is cut: it may quote user data. */
const maxMessageLength = 1000;
/** The top of a stack is what helps; it begins with the message. */
const maxStackLength = 8000;

/** Collects a dead letter: the original bytes, with where they came from and why. */
export function writeDeadLetter(
  options: DeadLetterOptions,
  origin: UnitOrigin,
  cause: DeadLetterCause,
): void {
  const { topic, collector } = options;
  const count = options.partitionsOf(topic);
  const partition =
    origin.key === null ? origin.partition % count : defaultPartition(origin.key, count);
  const output = collector.outputOf(topic, partition);
  const headers = describe(options, origin, cause);
  const { key, value, timestamp } = origin;
  try {
    collector.append(output, { timestamp, headers: all(origin.headers, headers) }, key, value);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'RECORD_TOO_LARGE') throw error;
    const truncated = [...headers, [`${errorHeaderPrefix}truncated`, 'true'] as const];
    collector.append(output, { timestamp, headers: all(noHeaders, truncated) }, null, null);
  }
}

function describe(
  { application, taskId, includesStack }: DeadLetterOptions,
  { topic, partition, offset, timestamp }: UnitOrigin,
  { stage, code, message, node, error }: DeadLetterCause,
): [string, string][] {
  const fields: [string, string | null][] = [
    ['code', code],
    ['stage', stage],
    ['message', message.slice(0, maxMessageLength)],
    ['node', node],
    ['application', application],
    ['task', taskId],
    ['topic', topic],
    ['partition', String(partition)],
    ['offset', offset === null ? null : String(offset)],
    ['timestamp', String(timestamp)],
    ['stack', includesStack && error !== null ? stackOf(error) : null],
  ];
  return fields.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[`${errorHeaderPrefix}${name}`, value]],
  );
}

function all(headers: Headers, added: readonly (readonly [string, string])[]): Headers {
  // What an earlier error says of the record would be taken for this one's.
  const own = headers.entries().filter(([name]) => !name.startsWith(errorHeaderPrefix));
  return added.reduce((sum, [name, value]) => sum.with(name, value), headersOf(own));
}

function stackOf(error: MillraceError): string {
  const { cause } = error;
  const stack = (cause instanceof Error ? cause.stack : error.stack) ?? error.message;
  return stack.slice(0, maxStackLength);
}
