import { expect, it } from 'vitest';
import { columnsOf } from '../../../src/sinks/postgres/columns.ts';
import { jsonArray } from '../../../src/sinks/postgres/json-array.ts';
import { statementsFor } from '../../../src/sinks/postgres/statements.ts';

const columns = columnsOf('views', { page: 'text', 'the "at"': 'timestamptz', n: 'bigint?' });

const at = `timestamptz 'epoch' + floor("the ""at""" / 86400000) * interval '24 hours' + ("the ""at""" - floor("the ""at""" / 86400000) * 86400000) * interval '1 millisecond'`;

it('rows are inserted from one JSON array', () => {
  const { write } = statementsFor({ schema: 'public', table: 'views', columns, key: [] });
  expect(write).toBe(`INSERT INTO "public"."views" ("page", "the ""at""", "n")
SELECT "page", ${at}, "n"
FROM json_to_recordset($1::json) AS r ("page" text, "the ""at""" double precision, "n" bigint)`);
});

it('with a key the last row of each is written, in the order of the key', () => {
  const key = ['page', 'n'];
  const { write } = statementsFor({ schema: 'a', table: 'b', columns, key });
  expect(write).toBe(`INSERT INTO "a"."b" ("page", "the ""at""", "n")
SELECT DISTINCT ON ("page", "n") "page", ${at}, "n"
FROM ROWS FROM (json_to_recordset($1::json) AS ("page" text, "the ""at""" double precision, "n" bigint))
WITH ORDINALITY AS r ("page", "the ""at""", "n", "millrace ordinal")
ORDER BY "page", "n", "millrace ordinal" DESC
ON CONFLICT ("page", "n") DO UPDATE SET "the ""at""" = excluded."the ""at"""`);
});

it('where all columns are the key there is nothing to update', () => {
  const key = columns.map(({ name }) => name);
  const { write } = statementsFor({ schema: 'a', table: 'b', columns, key });
  expect(write).toMatch(/DO NOTHING$/);
});

it('rows become an array byte for byte', () => {
  const rows = ['{"a":"é"}', '{}'].map((text) => Buffer.from(text));
  expect(jsonArray(rows).toString()).toBe('[{"a":"é"},{}]');
  expect(jsonArray(rows.slice(0, 1)).toString()).toBe('[{"a":"é"}]');
});
