import { expect, it } from 'vitest';
import { memoryBackend, onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';

it('the tasks of a worker share its cache', async () => {
  const builder = new TopologyBuilder('app');
  const letters = builder.stream('in', { key: string(), value: string() }).groupByKey();
  letters.count({ name: 'counts', emit: onUpdate() });
  const workshop = new Workshop();
  await workshop.log.admin.createTopics([
    { topic: 'in', partitions: 4, cleanup: 'delete', settings: {} },
  ]);
  const shares: number[] = [];
  const backend = memoryBackend();
  const state = overriding(backend, {
    open: (options) => {
      shares.push(options.maxCacheBytes);
      return backend.open(options);
    },
  });
  const worker = await workshop.start(builder.build(), { state, maxCacheBytes: 1002 });
  await workshop.until(worker.caughtUp());
  expect(shares).toEqual([250, 250, 250, 250]);
});
