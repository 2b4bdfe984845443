import { StoreError } from '../model/errors.ts';
import { crc32c } from '../log/record-batch/crc32c.ts';
import { asBuffer } from '../serde/range-serde.ts';

const deliveryFormat = 1;

/** A batch as it is committed before it is sent: which rows, and how to know them again. */
export interface Plan {
  /** Numbers the plans of a source. A batch that was refused and split has others. */
  readonly seq: number;
  /** The rows lie at outbox offsets `[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly crc32c: number;
  /** The one row in it is refused: it is passed over. */
  readonly isSkip: boolean;
}

/** The progress row of a delivery: the truth about who delivers, and how far it is. */
export interface DeliveryRow {
  readonly commitNumber: number;
  /** Names the outbox partition among all that ever were. */
  readonly source: string;
  /**
   * Of the outbox topic, as the log names it; null: the log does not, or an earlier version wrote
   * the row.
   */
  readonly outboxId: string | null;
  /** Raised by each owner, in its first commit. */
  readonly epoch: number;
  /** The last plan; null: there was none. */
  readonly plan: Plan | null;
  /** Whether the plan is known to be applied. */
  readonly isApplied: boolean;
  /** The outbox is read from here; the group's committed offset is the same. */
  readonly position: number;
}

type Written = Omit<DeliveryRow, 'outboxId'> & Partial<DeliveryRow> & { readonly format: number };

export function encodeDelivery(row: DeliveryRow): string {
  return JSON.stringify({ format: deliveryFormat, ...row });
}

/** @throws {StoreError} `FORMAT_NEWER` if a newer version wrote the row. */
export function decodeDelivery(bytes: Uint8Array): DeliveryRow {
  const written = JSON.parse(asBuffer(bytes).toString('utf8')) as Written; // by encodeDelivery
  const { format, ...row } = written;
  if (format <= deliveryFormat) return { ...row, outboxId: row.outboxId ?? null };
  throw new StoreError(
    'FORMAT_NEWER',
    `The progress row of a delivery has format ${format}, this version reads up to ` +
      `${deliveryFormat}. Run the version that wrote it, or a newer one.`,
  );
}

/** What a sink knows the batch by, as long as it remembers. */
export function tokenOf({ source }: Pick<DeliveryRow, 'source'>, { seq }: Plan): string {
  return `${source}-${seq}`;
}

/** Of all bytes of the rows, in their order. */
export function checksumOf(rows: readonly { readonly value: Uint8Array }[]): number {
  return crc32c(Buffer.concat(rows.map(({ value }) => value)));
}
