import { describe, expect, it } from 'vitest';
import { sinkContract, type SinkSubject } from '../../../src/testing.ts';
import { type Memory, RememberingTable } from '../../support/remembering-table.ts';

function subjectOf(memory: Memory) {
  return (): Promise<SinkSubject<string>> => {
    const table = new RememberingTable(memory);
    return Promise.resolve({
      sink: table.sink(),
      row: (number) => String(number),
      stored: () => Promise.resolve(table.rows.map(Number)),
      close: () => Promise.resolve(),
    });
  };
}

describe.each<Memory>(['token', 'position'])('a table that remembers by %s', (memory) => {
  it.each(sinkContract(subjectOf(memory)))('$name', async (law) => {
    await law.run();
  });
});

it('a table that remembers nothing breaks the laws of batches that come again', async () => {
  const broken: string[] = [];
  for (const law of sinkContract(subjectOf('none'))) {
    await law.run().catch(() => broken.push(law.name));
  }
  expect(broken).toEqual([
    'a batch that is applied again changes nothing',
    'a new owner that applies the last batch again changes nothing',
    'the late batch of an owner before changes nothing',
    'an attempt that is aborted ends',
  ]);
});
