import type { TaskPort } from '../task/task-port.ts';

/** What the delivery of one outbox partition has done since its task was started, and does. */
export interface DeliveryStatus {
  readonly sink: string;
  /** Rows that are surely applied. */
  readonly rows: number;
  readonly batches: number;
  /** Batches that an earlier attempt had applied. */
  readonly duplicates: number;
  /** Attempts that were repeated. */
  readonly retries: number;
  /** Rows refused for their content. */
  readonly refused: number;
  /** Of the rows not applied yet; null: none waits. */
  readonly oldestWaitingMs: number | null;
  /** Whether a batch is on its way. */
  readonly isApplying: boolean;
}

/** Null: the task delivers to no sink. */
export function deliveryOf(task: TaskPort): DeliveryStatus | null {
  const { delivery = null }: TaskPort & { readonly delivery?: DeliveryStatus | null } = task;
  return delivery;
}
