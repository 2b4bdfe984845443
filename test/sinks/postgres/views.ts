import type { DeliveryPlace, SinkBatch, SinkConnection } from '../../../src/core/sink/sink.ts';
import { postgres, type PostgresOptions } from '../../../src/sinks/postgres.ts';

export const viewColumns = {
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

export function place(epoch: number, over: Partial<DeliveryPlace> = {}): DeliveryPlace {
  const partition = { partition: 0, partitions: 1, source: 'cluster/outbox/0' };
  return { application: 'test', sink: 'views', ...partition, epoch, maxZombieMs: 60_000, ...over };
}

export interface View {
  readonly page: string;
  readonly views: number;
  readonly country?: string | null;
}

/** The batch from `from` on with these rows, as the engine would send it. */
export function batchOf(
  sink: ViewsSink,
  from: number,
  views: readonly View[],
  signal = new AbortController().signal,
): SinkBatch {
  const rows = views.map((view) =>
    Buffer.from(sink.row.serialize({ at: 1_700_000_000_123, country: null, ...view })),
  );
  return { token: `t-${from}`, from, to: from + views.length, rows, signal };
}

/** Opened, with the position it tells. */
export async function opened(
  sink: ViewsSink,
  epoch: number,
  over: Partial<DeliveryPlace> = {},
): Promise<{ readonly delivery: SinkConnection; readonly next: number | undefined }> {
  const delivery = sink.connect(place(epoch, over));
  const position = await delivery.open(new AbortController().signal);
  return { delivery, next: position?.next };
}
