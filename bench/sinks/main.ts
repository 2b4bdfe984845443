import { parseArgs } from 'node:util';
import { bareDelivery } from './bare-delivery.ts';
import { type BenchDatabase, startBenchDatabase } from './bench-database.ts';
import { batchBounds, type BenchKind, benchSink } from './bench-rows.ts';
import { filledOutbox, outboxTopic } from './filled-outbox.ts';

const { values } = parseArgs({
  options: {
    sink: { type: 'string', multiple: true, default: ['clickhouse', 'postgres'] },
    rows: { type: 'string', default: '600000' },
    partitions: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
  },
});
const rows = Number(values.rows);
const partitions = Number(values.partitions);
const rounds = Number(values.rounds);

/** In turns: whatever else the machine does falls on both. */
async function measure(kind: BenchKind, database: BenchDatabase): Promise<void> {
  const delivered: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const outbox = await filledOutbox(benchSink(kind, database.url), { rows, partitions });
    await database.clear();
    delivered.push(await outbox.deliver());
    await check(database);
    await database.clear();
    const client = () => database.bareClient();
    const options = { topic: outboxTopic, bounds: batchBounds[kind], client };
    bare.push(await bareDelivery(outbox.log, options));
    await check(database);
    await outbox.close();
  }
  const rate = (allMs: readonly number[]) => Math.round(rows / (median(allMs) / 1_000));
  const overhead = Math.round(100 * (median(delivered) / median(bare) - 1));
  console.log(
    `${kind.padEnd(10)}  delivery ${rate(delivered)} rows/s  bare loop ${rate(bare)} rows/s  ` +
      `overhead ${overhead} %  (${rows} rows, ${partitions} partitions, median of ${rounds})`,
  );
}

async function check(database: BenchDatabase): Promise<void> {
  const found = await database.count();
  if (found !== rows) throw new Error(`The table has ${found} rows instead of ${rows}.`);
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

for (const kind of ['clickhouse', 'postgres'] as const) {
  if (!values.sink.includes(kind)) continue;
  const database = await startBenchDatabase(kind);
  try {
    await measure(kind, database);
  } finally {
    await database.stop();
  }
}
// The engine behind its shim leaves a connection that waits.
process.exit();
