import type { PartitionEnds } from '../log/port.ts';
import { type ErrorPlace, SinkError, WorkerError } from '../model/errors.ts';
import { checksumOf, type DeliveryRow, type Plan } from './delivery-row.ts';
import type { OutboxRow } from './outbox-rows.ts';
import type { SinkPosition } from './sink.ts';

/** Whose history it is; for errors. */
export interface DeliverySite {
  readonly sink: string;
  readonly where: ErrorPlace;
}

/** An outbox as it is found. */
export interface FoundOutbox {
  readonly ends: PartitionEnds;
  /** Of the topic; null: the log does not know. */
  readonly id: string | null;
}

/**
 * The outbox has to be the same topic, and to hold what is still to be delivered.
 *
 * @throws {WorkerError} `SINK_OUTBOX_LOST`
 */
export function checkOutbox(
  { plan, position, outboxId }: DeliveryRow,
  { ends, id }: FoundOutbox,
  site: DeliverySite,
): void {
  const isSame = id === null || outboxId === null || id === outboxId;
  const isThere = position >= ends.logStartOffset && (plan?.to ?? 0) <= ends.logEndOffset;
  if (!isSame || !isThere) throw outboxLost(site);
}

export function outboxLost({ sink, where }: DeliverySite): WorkerError {
  return new WorkerError(
    'SINK_OUTBOX_LOST',
    `The outbox of the sink '${sink}' does not hold what is still to be delivered, or ` +
      'what was delivered is not known any more: the topic or its progress was deleted or ' +
      'made anew. Reset the application (docs/UPGRADING.md), and empty what it delivers to.',
    { where },
  );
}

/**
 * The rows of a plan that a predecessor has left have to be those that it planned.
 *
 * @throws {WorkerError} `SINK_PLAN_MISMATCH`
 */
export function checkRows(
  plan: Plan,
  rows: readonly Pick<OutboxRow, 'value'>[],
  site: DeliverySite,
): void {
  if (rows.length === plan.rows && checksumOf(rows) === plan.crc32c) return;
  throw new WorkerError(
    'SINK_PLAN_MISMATCH',
    `Batch ${plan.seq} of the sink '${site.sink}' had ${plan.rows} rows at offsets ${plan.from} ` +
      `to ${plan.to} of the outbox, and they are others now. The outbox topic was changed from ` +
      'outside, or is damaged: restore it.',
    { where: site.where },
  );
}

/**
 * The system may have applied the last plan or not; anything else is another history.
 *
 * @throws {SinkError} `SINK_ROLLED_BACK`
 */
export function checkPosition(
  { plan, isApplied }: DeliveryRow,
  { next }: SinkPosition,
  { sink, where }: DeliverySite,
): void {
  if (next === (plan?.to ?? 0) || (plan !== null && !isApplied && next === plan.from)) return;
  const last = plan === null ? 'nothing was delivered yet' : `the last batch ends at ${plan.to}`;
  throw new SinkError(
    'fatal',
    'SINK_ROLLED_BACK',
    `The sink '${sink}' says that it has applied up to offset ${next} of partition ` +
      `${where.partition}, but ${last}. It was restored from a backup, or is not the one that ` +
      'was delivered to before.',
    { where },
  );
}
