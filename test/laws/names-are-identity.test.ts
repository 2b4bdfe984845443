import type { KGroupedStream } from '../../src/index.ts';
import { describe, expect, it } from 'vitest';
import {
  int64,
  number,
  onUpdate,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

interface Shape {
  readonly store?: string;
  readonly repartition?: string;
  readonly sizeMs?: number;
  readonly keySerde?: 'string' | 'number';
}

function counting(shape: Shape = {}): Topology {
  const { store = 'counts', repartition = 'by-value', sizeMs = 10, keySerde = 'string' } = shape;
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  const counts =
    keySerde === 'string'
      ? words.groupBy((value) => value, { name: repartition, key: string() })
      : words.groupBy((value) => value.length, { name: repartition, key: number() });
  const windows = tumbling(sizeMs, { grace: 0 });
  const grouped = counts as KGroupedStream<string | number, string>; // whichever it is
  grouped
    .windowedBy(windows)
    .count({ name: store, emit: onUpdate() })
    .toStream()
    .selectKey(() => 'all', { key: string() })
    .mapValues((count) => count ?? 0, { value: int64() })
    .to('out');
  return builder.build();
}

async function workshopWithState(): Promise<Workshop> {
  const workshop = new Workshop();
  await workshop.feed('in', textRecords(['a=1', 'b=1']));
  const worker = await workshop.start(counting());
  await workshop.until(worker.caughtUp());
  await workshop.until(worker.close());
  return workshop;
}

const topics = ['app-manifest', 'app-counts-changelog', 'app-by-value-repartition', 'out'];

async function lengths(workshop: Workshop) {
  const read = topics.map(async (topic) => (await workshop.read(topic)).length);
  return Promise.all(read);
}

describe('an application with state', () => {
  const changes: Record<string, readonly [Shape, string, RegExp]> = {
    'a store under another name': [{ store: 'other' }, 'STORE_MISSING', /counts/],
    'a repartition under another name': [{ repartition: 'other' }, 'STORE_MISSING', /by-value/],
    'a window of another size': [{ sizeMs: 20 }, 'WINDOW_CHANGED', /counts/],
    'keys in another format': [{ keySerde: 'number' }, 'FORMAT_CHANGED', /counts/],
  };
  for (const [change, [shape, code, place]] of Object.entries(changes)) {
    it(`does not start with ${change}, and nothing is touched`, async () => {
      const workshop = await workshopWithState();
      const before = await lengths(workshop);
      const refused = workshop.start(counting(shape));
      await expect(refused).rejects.toMatchObject({
        problems: expect.arrayContaining([
          expect.objectContaining({ code, message: expect.stringMatching(place) as string }),
        ]) as unknown[],
      });
      expect(await lengths(workshop)).toEqual(before);
      const again = await workshop.start(counting());
      await workshop.until(again.caughtUp());
      expect(again.state).toBe('running');
    });
  }

  it('starts with what it had, and goes on counting', async () => {
    const workshop = await workshopWithState();
    const worker = await workshop.start(counting());
    await workshop.feed('in', textRecords(['c=1'], 2));
    await workshop.until(worker.caughtUp());
    const out = await workshop.read('out');
    expect(out.map(({ value }) => value?.readBigInt64BE(0))).toEqual([1n, 2n, 3n]);
  });
});
