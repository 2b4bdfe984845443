import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tableOf } from './table.ts';

const folder = new URL('../differs/', import.meta.url);

it('each difference from Kafka Streams has its test, and each such test its difference', () => {
  const listed = tableOf('SEMANTICS.md', 'id').map(([id]) => id);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const named = files.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return [...text.matchAll(/'differs\/([DX]\d+) /g)].map(([, id]) => id);
  });
  expect([...named].sort()).toEqual([...listed].sort());
});
