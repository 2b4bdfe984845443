import type { Log } from '../../src/core/log/port.ts';
import { partitionsOf } from '../log/read-topic.ts';
import type { BareClient } from './bench-database.ts';

const maxPartitionBytes = 1024 * 1024;

export interface BareOptions {
  readonly topic: string;
  readonly bounds: { readonly maxRows: number; readonly maxBytes: number };
  readonly client: () => Promise<BareClient>;
}

/**
 * Reads the outbox and inserts what it has read, each partition over a connection of its own, with
 * nothing that would know a batch again. Answers with the milliseconds it took.
 */
export async function bareDelivery(log: Log, options: BareOptions): Promise<number> {
  const places = await partitionsOf(log, options.topic);
  const clients = await Promise.all(places.map(() => options.client()));
  const startMs = performance.now();
  await Promise.all(
    clients.map((client, partition) => deliverPartition(log, partition, options, client)),
  );
  const elapsedMs = performance.now() - startMs;
  await Promise.all(clients.map((client) => client.close()));
  return elapsedMs;
}

async function deliverPartition(
  log: Log,
  partition: number,
  { topic, bounds }: BareOptions,
  client: BareClient,
): Promise<void> {
  const reader = log.openReader({ isolation: 'read-committed' });
  let offset = 0;
  let rows: Uint8Array[] = [];
  let bytes = 0;
  const flush = async () => {
    await client.insert(rows);
    [rows, bytes] = [[], 0];
  };
  for (;;) {
    const request = { topic, partition, offset };
    const [fetched] = await reader.fetch([request], { maxWaitMs: 0, maxPartitionBytes });
    if (fetched === undefined || fetched.nextOffset === offset) break;
    offset = fetched.nextOffset;
    for (const batch of fetched.batches) {
      for (let index = 0; index < batch.count; index++) {
        const row = batch.value(index);
        if (row === null) continue;
        if (bytes + row.length > bounds.maxBytes) await flush();
        rows.push(row);
        bytes += row.length;
        if (rows.length === bounds.maxRows) await flush();
      }
    }
  }
  if (rows.length > 0) await flush();
  await reader.close();
}
