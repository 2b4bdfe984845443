import { SinkError } from '../../../src/core/model/errors.ts';
import type { DeliveryPlace, SinkBatch, SinkConnection } from '../../../src/core/sink/sink.ts';
import { postgres, type PostgresOptions } from '../../../src/sinks/postgres.ts';
import { deliveryPlace } from '../support/delivery-place.ts';

const viewColumns = {
  page: 'text',
  views: 'bigint',
  at: 'timestamptz',
  country: 'text?',
} as const;

type ViewOptions = Partial<PostgresOptions<typeof viewColumns>>;

/** A sink of views with a table that it creates. */
export function viewsSink(connection: string, options: ViewOptions = {}) {
  return postgres({
    name: 'views',
    connection,
    table: 'views',
    columns: viewColumns,
    createTable: true,
    attemptTimeout: '5s',
    ...options,
  });
}

type ViewsSink = ReturnType<typeof viewsSink>;

export interface View {
  readonly page: string;
  readonly views: number;
  readonly country?: string | null;
}

/** The batch from `from` on with these rows, as the engine would send it. */
export function batchOf(
  from: number,
  views: readonly View[],
  signal = new AbortController().signal,
): SinkBatch {
  const { row } = viewsSink('postgres://nobody@localhost/none');
  const rows = views.map((view) =>
    Buffer.from(row.serialize({ at: 1_700_000_000_123, country: null, ...view })),
  );
  return { token: `t-${from}`, from, to: from + views.length, rows, signal };
}

/** Each of a page of its own. */
export function viewsFrom(from: number, count: number): readonly View[] {
  return Array.from({ length: count }, (_, index) => ({ page: `/${from + index}`, views: 1 }));
}

/** Opened, with the position it tells. */
export async function opened(
  sink: ViewsSink,
  epoch: number,
  over: Partial<DeliveryPlace> = {},
): Promise<{ readonly delivery: SinkConnection; readonly next: number | undefined }> {
  const delivery = sink.connect(deliveryPlace({ ...over, epoch }));
  const position = await delivery.open(new AbortController().signal);
  return { delivery, next: position?.next };
}

/** What the promise is rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<SinkError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SinkError) return error;
  throw new Error(`No SinkError: ${String(error)}`);
}

/** As the engine does it: after an outcome that is not known all begins with a new connection. */
export async function applyUntilKnown(
  sink: ViewsSink,
  place: DeliveryPlace,
  batches: readonly SinkBatch[],
): Promise<{ readonly outcomes: string[]; readonly failures: string[] }> {
  const outcomes: string[] = [];
  const failures: string[] = [];
  let delivery: SinkConnection | null = null;
  for (const batch of batches) {
    for (let isKnown = false; !isKnown;) {
      try {
        if (delivery === null) {
          delivery = sink.connect(place);
          await delivery.open(new AbortController().signal);
        }
        outcomes.push(await delivery.apply(batch));
        isKnown = true;
      } catch (error) {
        if (!(error instanceof SinkError) || error.outcome !== 'unknown') throw error;
        failures.push(error.message);
        await delivery?.close();
        delivery = null;
      }
    }
  }
  await delivery?.close();
  return { outcomes, failures };
}
