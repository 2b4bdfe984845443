import { expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../../src/index.ts';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

it('an onDropped that throws is logged, and the worker goes on', async () => {
  const builder = new TopologyBuilder('app');
  const source = builder.stream('in', { key: string(), value: string() });
  source.mapValues((value) => failOn(value), { value: string() }).to('out');
  const workshop = new Workshop();
  await workshop.feed('in', textRecords(['k=good', 'k=bad', 'k=last']));
  const thrown = new Error('Nobody listens.');
  const logged: unknown[] = [];
  const worker = await workshop.start(builder.build(), {
    onError: () => 'drop',
    onDropped: () => {
      throw thrown;
    },
    logger: { ...silentLogger, error: (_message, fields) => logged.push(fields) },
  });
  await workshop.until(worker.caughtUp());
  expect(await workshop.values('out')).toEqual(['good', 'last']);
  expect(logged).toEqual([expect.objectContaining({ error: thrown, offset: 1 })]);
});

function failOn(value: string): string {
  if (value === 'bad') throw new Error('It is bad.');
  return value;
}
