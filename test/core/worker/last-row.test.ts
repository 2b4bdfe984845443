import { expect, it } from 'vitest';
import { lastCommittedRow } from '../../../src/core/worker/last-row.ts';
import { onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { batchAt, openWriter } from '../../support/log-fixture.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

const place = { topic: 'rows', partition: 0 };

async function commitRow(workshop: Workshop, value: string) {
  const writer = await openWriter(workshop.log, 'owner');
  await writer.produce([batchAt(place, `row=${value}`)]);
  await writer.commit();
}

async function lastRow(workshop: Workshop) {
  await workshop.log.admin.describeTopics(['rows']);
  const [ends] = await workshop.log.admin.ends([place]);
  const reader = workshop.log.openReader({ isolation: 'read-committed' });
  const row = await workshop.until(lastCommittedRow(reader, { ...place, ends }));
  return row === null ? null : Buffer.from(row).toString();
}

it('an empty partition has no row', async () => {
  expect(await lastRow(new Workshop())).toBeNull();
});

it('finds the last row, behind however many aborted ones', async () => {
  const workshop = new Workshop();
  await workshop.log.admin.describeTopics(['rows']);
  for (const value of ['1', '2', '3']) await commitRow(workshop, value);
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const writer = await openWriter(workshop.log, 'loser');
    await writer.produce([batchAt(place, 'row=aborted')]);
    await writer.abort();
  }
  expect(await lastRow(workshop)).toBe('3');
});

it('does not miss a row that was committed behind an open transaction', async () => {
  const workshop = new Workshop();
  await workshop.log.admin.describeTopics(['rows']);
  await commitRow(workshop, '1');
  const zombie = await workshop.log.openWriter({
    transactionalId: 'zombie',
    transactionTimeoutMs: 2_000,
  });
  await zombie.produce([batchAt(place, 'row=uncommitted')]);
  await commitRow(workshop, '2');
  expect(await lastRow(workshop)).toBe('2');
});

it('a restore waits for an open transaction: behind it others have committed', async () => {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words
    .groupByKey()
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  const topology = builder.build();
  const workshop = new Workshop();
  const first = await workshop.start(topology);
  const changelog = { topic: 'app-counts-changelog', partition: 0 };
  const zombie = await workshop.log.openWriter({
    transactionalId: 'zombie',
    transactionTimeoutMs: 5_000,
  });
  await zombie.produce([batchAt(changelog, 'a=uncommitted')]);
  await workshop.feed('in', textRecords(['a=1', 'b=1']));
  await workshop.until(first.caughtUp());
  await workshop.until(first.close());

  const second = await workshop.start(topology);
  await workshop.feed('in', textRecords(['a=1']));
  await workshop.until(second.caughtUp());
  expect(await workshop.values('out')).toEqual(['a1', 'b1', 'a2']);
});
