/** How the delivery of one outbox partition stands. Rows and batches since the task was opened. */
export interface DeliveryStatus {
  readonly sink: string;
  /** Applied, those too that an earlier attempt had applied already. */
  readonly rows: number;
  readonly batches: number;
  /** Batches that the sink knew from an earlier attempt. */
  readonly duplicates: number;
  /** Attempts that failed, their outcome unknown. */
  readonly retries: number;
  /** Rows that the sink refuses for their content. */
  readonly refused: number;
  /** Since the oldest row that is not delivered was read; null: all are. */
  readonly oldestWaitingMs: number | null;
  readonly isApplying: boolean;
  /** What the last attempt failed of; null once one has succeeded. */
  readonly lastError: string | null;
}
