import { type Duration, durationMs } from '../core/model/duration.ts';
import { ConfigError } from '../core/model/errors.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { BatchBounds, DeliveryPlace, Sink, SinkConnection } from '../core/sink/sink.ts';
import { isName } from '../core/topology/names.ts';
import { badOption, checkWhole } from './sink-options.ts';

/** When the rows that wait become a batch: at the first of three; and how many may wait. */
export interface BatchOptions {
  /** Default 10,000. */
  readonly maxRows?: number;
  /** Default 8 MiB. */
  readonly maxBytes?: number;
  /** Since the first row came; at least 10 ms. Default 500 ms. */
  readonly maxDelay?: Duration;
  /**
   * With more rows waiting in an outbox partition, the task that writes it takes no records until
   * half of them are delivered: a database that is down for long stops what feeds it. Default
   * 1,000,000.
   */
  readonly maxWaitingRows?: number;
}

export interface SinkSpec<Row> {
  readonly kind: string;
  /** The sink's identity: names its outbox topic. Whoever renames it makes a new sink. */
  readonly name: string;
  /** Writes the final bytes of a row. */
  readonly row: Serde<Row>;
  readonly batches?: BatchOptions;
  /** How long one attempt may take. Default 30 s. */
  readonly attemptTimeout?: Duration;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly connect: (delivery: DeliveryPlace) => SinkConnection;
}

const minDelayMs = 10;

/**
 * A sink of your own: what `stream.toSink(...)` takes.
 *
 * The engine plans batches, commits their bounds and calls `apply` until it knows how that ended;
 * the sink has to make a batch that it has seen before a no-op. `sinkContract` of
 * `millrace/testing` tries a sink in the ways that go wrong.
 *
 * @throws {ConfigError} `BAD_NAME`, `BAD_OPTION`, `BAD_DURATION`
 */
export function defineSink<Row>(spec: SinkSpec<Row>): Sink<Row> {
  const { kind, name, row, connect, detail = {} } = spec;
  if (!isName(name)) {
    throw new ConfigError('BAD_NAME', `The sink '${name}' has a name that no topic can have.`);
  }
  const attemptTimeoutMs = durationMs(spec.attemptTimeout ?? '30s');
  if (attemptTimeoutMs === 0) throw badOption(name, "'attemptTimeout' is to be above 0");
  return Object.freeze({
    kind,
    name,
    row,
    batches: batchBounds(name, spec.batches ?? {}),
    attemptTimeoutMs,
    detail: Object.freeze({ sink: kind, ...detail }),
    connect,
  });
}

function batchBounds(sink: string, options: BatchOptions): BatchBounds {
  const { maxRows = 10_000, maxBytes = 8 * 1024 * 1024, maxDelay = '500ms' } = options;
  const { maxWaitingRows = 1_000_000 } = options;
  checkWhole(sink, { maxRows, maxBytes, maxWaitingRows }, 1);
  const maxDelayMs = durationMs(maxDelay);
  if (maxDelayMs < minDelayMs) {
    throw badOption(sink, `'maxDelay' is to be at least ${minDelayMs} ms`);
  }
  return Object.freeze({ maxRows, maxBytes, maxDelayMs, maxWaitingRows });
}
