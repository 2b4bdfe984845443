import {
  embedded,
  int64,
  memoryBackend,
  readCommitted,
  run,
  sessionWindowed,
} from '../../src/index.ts';
import { produceSample } from './sample.ts';
import { key, orders, sales, shop } from './topology.ts';

/** Runs the shop on an embedded log in memory and prints what it found out. */
export async function playShop(print: (line: string) => void): Promise<void> {
  const log = embedded();
  try {
    await produceSample(log);
    const worker = await run(shop(), { log, state: memoryBackend() });
    await worker.caughtUp();
    await worker.close();

    const visits = { key: sessionWindowed(key), value: int64() };
    for (const { key: visit, value } of await readCommitted(log, 'visits', visits)) {
      const minutes = Math.round(((visit?.endMs ?? 0) - (visit?.startMs ?? 0)) / 60_000);
      print(`visit of ${visit?.key}: ${minutes} minutes, clicks: ${value}`);
    }
    const unpaid = await readCommitted(log, 'unpaid-orders', { key, value: orders });
    for (const { key: order, value } of unpaid) print(`unpaid: ${order}, ${value?.amount}`);

    const best = await readCommitted(log, 'best-sales', { key, value: sales });
    const latest = new Map(best.map(({ key: category, value }) => [category, value]));
    for (const category of ['kitchen', 'light']) {
      const names = latest.get(category)?.map(({ name, amount }) => `${name} ${amount}`);
      print(`best of ${category}: ${names?.join(', ')}`);
    }
  } finally {
    await log.close();
  }
}
