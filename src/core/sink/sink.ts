import type { SerdeFormat } from '../serde/serde.ts';

/**
 * A system outside Kafka that the rows of a stream are delivered to, exactly once. Rows are written
 * to an outbox topic in the worker's own transaction; from there they are delivered in batches
 * whose bounds are committed before (docs/SINKS.md).
 */
export interface Sink<in Row> {
  /** What it writes to: 'clickhouse', 'postgres', ... */
  readonly kind: string;
  /** Its identity: names the outbox topic, the progress of the delivery and its tokens. */
  readonly name: string;
  /**
   * The final bytes of a row: they are written to the outbox once, and each attempt sends just
   * them. A new version is for rows that are delivered from then on.
   */
  readonly row: RowFormat<Row>;
  readonly batches: BatchBounds;
  /** How long one attempt may take before it counts as failed, its outcome unknown. */
  readonly attemptTimeoutMs: number;
  /** Plain data for `describe()`: the table, never an address or a password. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** One connection for each outbox partition that a worker delivers. Opens nothing yet. */
  connect(delivery: DeliveryPlace): SinkConnection;
}

/** The part of a serde that a sink needs; a `Serde<Row>` is one. */
export interface RowFormat<in Row> extends SerdeFormat {
  readonly serialize: (row: Row) => Uint8Array | string;
  /** For test drivers and tools: what was written. */
  readonly deserialize: (bytes: Uint8Array) => unknown;
}

/** When the rows that wait become a batch: at the first of three; and how many may wait. */
export interface BatchBounds {
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Since the first of them came, by the worker's clock. */
  readonly maxDelayMs: number;
  /** With more rows in an outbox partition, the task that writes it takes no records. */
  readonly maxWaitingRows: number;
}

/** Whose rows a connection delivers. */
export interface DeliveryPlace {
  readonly application: string;
  readonly sink: string;
  readonly partition: number;
  /** How many partitions the outbox has: as many deliveries may write at the same time. */
  readonly partitions: number;
  /**
   * Names the outbox partition among all that ever were. An application that was reset has others,
   * so nothing of it is taken for something delivered before.
   */
  readonly source: string;
  /**
   * Greater than that of every owner before. Only its owner can have committed it; one with a
   * lower epoch may still be sending what it planned.
   */
  readonly epoch: number;
  /** After so long nobody who has lost this partition sends anything any more. */
  readonly maxZombieMs: number;
  /** The least time between two batches of one delivery that are applied. */
  readonly minIntervalMs: number;
}

/** A batch whose bounds are committed: the same for every attempt, byte for byte. */
export interface SinkBatch {
  /** Names this batch among all that ever were, to a system that remembers tokens. */
  readonly token: string;
  /** The rows lie at outbox offsets `[from, to)`; batches follow each other without a gap. */
  readonly from: number;
  readonly to: number;
  /** As `Sink.row` has serialised them, in the order of the outbox; none where all were refused. */
  readonly rows: readonly Uint8Array[];
  /** Aborted when the attempt has run out of time, or its owner stops. */
  readonly signal: AbortSignal;
}

/** How far a system says that it got with a source; null: it keeps no such thing. */
export interface SinkPosition {
  /** The `to` of the last batch it has applied; 0: none yet. */
  readonly next: number;
}

/**
 * The way to one system for one outbox partition. The engine calls one method at a time, and after
 * a failed attempt the same again. What is thrown is a `SinkError`, whose outcome says what may be
 * done; anything else counts as `'unknown'`.
 */
export interface SinkConnection {
  /**
   * Checks what exactly-once needs of the system and keeps owners of lower epochs out, where it
   * can. Before the first batch, and again after an attempt whose outcome is unknown.
   */
  open(signal: AbortSignal): Promise<SinkPosition | null>;
  /** Resolves only once the batch is surely applied, now or by an earlier attempt. */
  apply(batch: SinkBatch): Promise<'applied' | 'duplicate'>;
  close(): Promise<void>;
}
