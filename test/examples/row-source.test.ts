import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Position,
  type Row,
  type RowSource,
  startPosition,
} from '../../examples/program/row-source.ts';
import { fileSource } from '../../examples/view-counts/file-source.ts';
import { generatedViews } from '../../examples/view-counts/page-view-generator.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-rows-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Everything there is, read in portions of at most `maxRows`. */
async function readAll(source: RowSource, maxRows: number, from: Position = startPosition) {
  const rows: Row[] = [];
  let position = from;
  for (;;) {
    const portion = await source.read(position, maxRows);
    if (portion.position.offset === position.offset) return { rows, position };
    rows.push(...portion.rows);
    position = portion.position;
  }
}

describe('the generator', () => {
  it('gives the same rows whatever the portions, and wherever it goes on', async () => {
    const whole = await readAll(generatedViews(7, 1000), 1000);
    const inPieces = await readAll(generatedViews(7, 1000), 77);
    expect(inPieces.rows).toEqual(whole.rows);
    expect(whole.position.rows).toBe(1000);
    const half = await readAll(generatedViews(7, 500), 1000);
    const rest = await readAll(generatedViews(7, 1000), 1000, half.position);
    expect([...half.rows, ...rest.rows]).toEqual(whole.rows);
  });

  it('views few pages often; some rows are late, some are broken', async () => {
    const { rows } = await readAll(generatedViews(1, 50_000), 10_000);
    const first = rows.filter(({ key }) => key === '/page/1').length;
    const second = rows.filter(({ key }) => key === '/page/2').length;
    expect(first / second).toBeGreaterThan(1.8);
    expect(first / second).toBeLessThan(2.2);
    expect(new Set(rows.map(({ key }) => key)).size).toBeGreaterThan(900);
    expect(rows.filter(({ key }) => key === null).length).toBeGreaterThan(0);
    const behind = rows.map(
      ({ timestamp }, index) => (rows[0]?.timestamp ?? 0) + index * 20 - timestamp,
    );
    expect(behind.filter((ms) => ms > 300_000).length).toBeGreaterThan(0);
  });

  it('differs with the seed', async () => {
    const one = await readAll(generatedViews(1, 10), 10);
    const two = await readAll(generatedViews(2, 10), 10);
    expect(one.rows).not.toEqual(two.rows);
  });
});

describe('a file', () => {
  it('is read to its last newline while it may grow, and to its end if it may not', async () => {
    const path = join(folder, 'growing.log');
    writeFileSync(path, '{"page":"/a","timestamp":1}\n\n{"page":"/b","time');
    const growing = await fileSource(path, false);
    const before = await readAll(growing, 10);
    expect(before.rows.map(({ key }) => key)).toEqual(['/a']);
    appendFileSync(path, 'stamp":2}');
    expect((await readAll(growing, 10, before.position)).rows).toEqual([]);
    appendFileSync(path, '\n');
    const after = await readAll(growing, 10, before.position);
    expect(after.rows.map(({ key }) => key)).toEqual(['/b']);
    await growing.close();
    writeFileSync(path, '{"page":"/a","timestamp":1}');
    const final = await fileSource(path, true);
    expect((await readAll(final, 10)).rows.map(({ key }) => key)).toEqual(['/a']);
    await final.close();
  });

  it('keeps what cannot be read, at the time of the row before, others are counted', async () => {
    const path = join(folder, 'mixed.log');
    const post = '{"page":"/a","timestamp":6,"method":"POST"}';
    writeFileSync(path, `{"page":"/a","timestamp":5}\nnonsense\n${post}\n`);
    const source = await fileSource(path, true);
    const { rows, position } = await readAll(source, 10);
    expect(rows[1]).toEqual({ key: null, value: 'nonsense', timestamp: 5 });
    expect(position).toMatchObject({ rows: 2, others: 1 });
    await source.close();
  });

  it('passes on lines longer than a block, cut, and goes on behind them', async () => {
    const path = join(folder, 'long.log');
    writeFileSync(path, `${'x'.repeat(200_000)}\n{"page":"/a","timestamp":5}\n`);
    const source = await fileSource(path, true);
    const { rows } = await readAll(source, 10);
    expect(rows.at(-1)?.key).toBe('/a');
    expect(rows.length).toBeGreaterThan(1);
    await source.close();
  });

  it('that has become shorter is refused', async () => {
    const path = join(folder, 'short.log');
    writeFileSync(path, '{"page":"/a","timestamp":5}\n');
    const source = await fileSource(path, true);
    const position = { ...startPosition, offset: 1000 };
    await expect(source.read(position, 10)).rejects.toThrow('--fresh');
    await source.close();
  });
});
