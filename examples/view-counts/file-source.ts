import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Portion,
  type Position,
  positionAfter,
  type Row,
  type RowSource,
} from '../program/row-source.ts';
import { rowOfLine } from './view-row.ts';

const blockBytes = 64 * 1024;
const newline = 0x0a;

/** @throws {Error} with a message for the user if the file cannot be opened. */
export async function fileSource(path: string, isEndFinal: boolean): Promise<RowSource> {
  const file = await open(path, 'r');
  return {
    name: `file:${resolve(path)}`,
    async read(from) {
      const block = await readBlock(file, from.offset, path);
      const length = wholeLines(block, isEndFinal);
      const lines = block.subarray(0, length).toString('utf8').split('\n');
      return portionOf(lines, from, from.offset + length);
    },
    close: () => file.close(),
  };
}

async function readBlock(file: FileHandle, offset: number, path: string): Promise<Buffer> {
  const { size } = await file.stat();
  if (size < offset) {
    throw new Error(`${path} has ${size} bytes, but ${offset} were read before. Use --fresh.`);
  }
  const block = Buffer.allocUnsafe(Math.min(blockBytes, size - offset));
  const { bytesRead } = await file.read(block, 0, block.length, offset);
  return block.subarray(0, bytesRead);
}

/** Bytes up to the last newline. A line longer than a block is cut: it cannot be read anyway. */
function wholeLines(block: Buffer, isEndFinal: boolean): number {
  const isEnd = block.length < blockBytes;
  if (isEnd && isEndFinal) return block.length;
  const end = block.lastIndexOf(newline) + 1;
  return end > 0 || isEnd ? end : block.length;
}

function portionOf(lines: readonly string[], from: Position, offset: number): Portion {
  const rows: Row[] = [];
  let others = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const row = rowOfLine(line, rows.at(-1)?.timestamp ?? from.lastTimestamp);
    if (row === null) others += 1;
    else rows.push(row);
  }
  return { rows, position: { ...positionAfter(from, rows, offset), others: from.others + others } };
}
