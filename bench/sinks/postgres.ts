import pg from 'pg';
import type { SinkBatch } from '../../src/core/sink/sink.ts';
import { postgres } from '../../src/sinks/postgres.ts';
import { PostgresServer, query } from '../../test/sinks/support/postgres-server.ts';

const batchRows = 10_000;
const batchesPerRound = 10;
const rounds = 6;

const columns = {
  event_id: 'uuid',
  type: 'text',
  user_id: 'bigint',
  page: 'text',
  country: 'text?',
  at: 'timestamptz',
  duration_ms: 'integer',
} as const;

const names = Object.keys(columns).join(', ');
/** What each program does that inserts into PostgreSQL by hand: an array for each column. */
const bareText = `INSERT INTO bare (${names})
SELECT a, b, c, d, e, timestamptz 'epoch' + f * interval '1 millisecond', g FROM unnest(
$1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::double precision[], $7::int[]
) AS r (a, b, c, d, e, f, g)`;

async function main(): Promise<void> {
  const server = await PostgresServer.start();
  try {
    await measure(await server.createDatabase());
  } finally {
    await server.stop();
  }
}

/** By turns, so that both meet the same machine. */
async function measure(url: string): Promise<void> {
  const sinks = { insert: sinkTo(url, false), upsert: sinkTo(url, true) };
  const bare = new pg.Client({ connectionString: url });
  // The server stops first if something fails.
  bare.on('error', () => undefined);
  await bare.connect();
  const signal = AbortSignal.any([]);
  const deliveries = new Map(
    Object.entries(sinks).map(([mode, sink]) => [mode, sink.connect(placeOf(mode))]),
  );
  for (const delivery of deliveries.values()) await delivery.open(signal);
  await query(url, 'CREATE TABLE bare (LIKE inserted)');
  const totalMs = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    const batches = Array.from({ length: batchesPerRound }, (_, index) =>
      batchOf(round * batchesPerRound + index),
    );
    const timed = async (mode: string, work: (batch: SinkBatch) => Promise<unknown>) => {
      const startMs = performance.now();
      for (const batch of batches) await work(batch);
      // The first warms up.
      if (round > 0) totalMs.set(mode, (totalMs.get(mode) ?? 0) + performance.now() - startMs);
    };
    await timed('bare', ({ rows }) => bare.query(bareText, arraysOf(rows)));
    for (const [mode, delivery] of deliveries) await timed(mode, (batch) => delivery.apply(batch));
    await query(url, 'TRUNCATE bare; TRUNCATE inserted; CHECKPOINT');
  }
  for (const delivery of deliveries.values()) await delivery.close();
  await bare.end();
  report(totalMs);
}

function report(totalMs: ReadonlyMap<string, number>): void {
  const bareMs = totalMs.get('bare') ?? NaN;
  const rows = rounds * batchesPerRound * batchRows;
  console.log('| what | rows/s | time beside the bare loop |\n| --- | --- | --- |');
  for (const [mode, ms] of totalMs) {
    const perSecond = Math.round((rows / ms) * 1000).toLocaleString('en');
    console.log(`| ${mode} | ${perSecond} | ${(ms / bareMs).toFixed(2)} |`);
  }
}

function sinkTo(connection: string, isUpsert: boolean) {
  return postgres({
    name: isUpsert ? 'upsert' : 'insert',
    connection,
    table: isUpsert ? 'upserted' : 'inserted',
    columns,
    createTable: true,
    ...(isUpsert ? { key: ['user_id', 'page'] as const } : {}),
  });
}

function placeOf(sink: string) {
  const partition = { partition: 0, partitions: 1, source: 'bench', epoch: 1 };
  return { application: 'bench', sink, ...partition, maxZombieMs: 60_000, minIntervalMs: 500 };
}

const serialize = sinkTo('postgres://none@localhost/none', false).row;

function batchOf(index: number): SinkBatch {
  const from = index * batchRows;
  const rows = Array.from({ length: batchRows }, (_, row) => Buffer.from(rowText(from + row)));
  const to = from + batchRows;
  return { token: `${index}`, from, to, rows, signal: AbortSignal.any([]) };
}

function rowText(index: number): Uint8Array | string {
  const hex = index.toString(16).padStart(12, '0');
  return serialize.serialize({
    event_id: `6f1d0c1e-0b5a-4d53-9d1c-${hex}`,
    type: 'page_view',
    user_id: (index * 7919) % 100_003,
    page: `/articles/${index % 997}/how-to-stream-events`,
    country: index % 5 === 0 ? null : 'NO',
    at: 1_700_000_000_000 + index,
    duration_ms: index % 60_000,
  });
}

type Row = Readonly<Record<keyof typeof columns, unknown>>;

function arraysOf(rows: readonly Uint8Array[]): unknown[][] {
  const values = rows.map((row) => JSON.parse(Buffer.from(row).toString()) as Row);
  return Object.keys(columns).map((name) => values.map((row) => row[name as keyof Row]));
}

await main();
