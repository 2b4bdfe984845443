import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { beforeAll, expect, it } from 'vitest';
import { tableDamage } from '../../src/state/level/table-file.ts';
import { temporaryRoot } from './level-support.ts';

/** At the end of a table: two handles, padded to 40 bytes, and 8 of a magic number. */
const FOOTER_BYTES = 48;
let table: Buffer;

beforeAll(async () => {
  const directory = temporaryRoot();
  const database = new ClassicLevel(directory, { compression: false });
  for (let key = 0; key < 200; key++) await database.put(`key-${key}`, 'value'.repeat(20));
  await database.compactRange('a', 'z');
  await database.close();
  const [name = ''] = readdirSync(directory).filter((file) => file.endsWith('.ldb'));
  table = readFileSync(join(directory, name));
});

it('a table as LevelDB wrote it has no damage', () => {
  expect(table.length).toBeGreaterThan(4096 * 3);
  expect(tableDamage(table)).toBeNull();
});

it('every flipped bit before the footer is damage', () => {
  for (let at = 0; at < table.length - FOOTER_BYTES; at++) {
    const damaged = Buffer.from(table);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    expect(tableDamage(damaged), `byte ${at}`).not.toBeNull();
  }
});

it('a flipped bit in the footer is damage, or in its padding', () => {
  const harmless = [];
  for (let at = table.length - FOOTER_BYTES; at < table.length; at++) {
    const damaged = Buffer.from(table);
    damaged[at] = (damaged[at] ?? 0) ^ 0x01;
    if (tableDamage(damaged) === null) harmless.push(table[at]);
  }
  expect(harmless.every((byte) => byte === 0)).toBe(true);
});

it('a table that is cut anywhere is damage', () => {
  for (let length = 0; length < table.length; length += 97) {
    expect(tableDamage(table.subarray(0, length)), `length ${length}`).not.toBeNull();
  }
});
