import { createClient } from '@clickhouse/client';
import pg from 'pg';
import type {
  DeliveryPlace,
  Sink,
  SinkBatch,
  SinkConnection,
} from '../../../src/core/sink/sink.ts';
import { type NumberedRow, tableName } from '../../sinks/support/numbered-rows.ts';

/** What a sink could leave out, each of which delivers rows twice. */
export const sinkBreakages = ['token', 'progress'] as const;
export type SinkBreakage = (typeof sinkBreakages)[number];

/** The sink with batches written in a wrong way; it opens as it should. */
export function brokenSink(
  sink: Sink<NumberedRow>,
  breakage: SinkBreakage,
  port: number,
): Sink<NumberedRow> {
  const writerOf = breakage === 'token' ? withoutToken : withProgressApart;
  return {
    ...sink,
    connect(place) {
      const inner = sink.connect(place);
      const writer = writerOf(port, place);
      return {
        open: (signal) => inner.open(signal),
        apply: (batch) => writer.apply(batch),
        async close() {
          await Promise.all([inner.close(), writer.close()]);
        },
      };
    },
  };
}

type BatchWriter = Pick<SinkConnection, 'apply' | 'close'>;

function textOf(rows: SinkBatch['rows']): string {
  return `[${rows.map((row) => Buffer.from(row).toString()).join(',')}]`;
}

/** Neither: without a token ClickHouse would know a block again by its content. */
const unknown = { insert_deduplicate: 0, deduplicate_insert: 'disable' } as const;

/** A block that comes again is one more block. */
function withoutToken(port: number): BatchWriter {
  const client = createClient({ url: `http://127.0.0.1:${port}`, request_timeout: 5_000 });
  return {
    async apply({ rows, signal }) {
      await client.insert({
        table: tableName,
        values: JSON.parse(textOf(rows)) as NumberedRow[], // as the sink's rows are
        format: 'JSONEachRow',
        clickhouse_settings: { ...unknown, async_insert: 0, wait_end_of_query: 1 },
        abort_signal: signal,
      });
      return 'applied';
    },
    close: () => client.close(),
  };
}

/** The rows first, and then, in another transaction, how far they are. */
function withProgressApart(port: number, { source, epoch }: DeliveryPlace): BatchWriter {
  const client = new pg.Client(`postgres://test@127.0.0.1:${port}/postgres`);
  client.on('error', () => undefined);
  let connected: Promise<unknown> | null = null;
  const ask = async (text: string, values: unknown[]) => {
    await (connected ??= client.connect());
    return client.query<{ next: string }>(text, values);
  };
  return {
    async apply({ rows, to, signal }) {
      signal.addEventListener('abort', () => client.connection.stream.destroy(), { once: true });
      const progress = 'SELECT next FROM millrace_progress WHERE source = $1';
      const { rows: found } = await ask(progress, [source]);
      if (Number(found[0]?.next) >= to) return 'duplicate';
      const columns =
        'SELECT id, word FROM json_to_recordset($1::json) AS r (id bigint, word text)';
      await ask(`INSERT INTO ${tableName} ${columns}`, [textOf(rows)]);
      const advance = 'UPDATE millrace_progress SET next = $2, epoch = $3 WHERE source = $1';
      await ask(advance, [source, to, epoch]);
      return 'applied';
    },
    async close() {
      client.connection.stream.destroy();
    },
  };
}
