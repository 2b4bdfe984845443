import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBootId } from './boot-id.ts';

const heldHere = new Set<string>();

/**
 * Takes the lock `name` in a directory; null if a running process has it. Each taking makes the
 * file of the next number, complete from its first moment, and the greatest number is the lock:
 * it is never removed, only emptied, so of two processes that found the lock free one fails to
 * make the file, or sees a greater one beside its own. Answers what gives the lock back.
 */
export function takeSlotLock(directory: string, name: string): (() => void) | null {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const held = path.resolve(directory, name);
  const numbers = numbersOf(directory, name);
  const last = Math.max(0, ...numbers);
  const fileOf = (number: number) => path.join(directory, `${name}.${number}`);
  if (heldHere.has(held) || isHeld(fileOf(last))) return null;
  const own = last + 1;
  if (!create(fileOf(own))) return null;
  if (numbersOf(directory, name).some((number) => number > own)) {
    rmSync(fileOf(own), { force: true });
    return null;
  }
  for (const number of numbers) rmSync(fileOf(number), { force: true });
  heldHere.add(held);
  return () => {
    heldHere.delete(held);
    writeFileSync(fileOf(own), '');
  };
}

function numbersOf(directory: string, name: string): readonly number[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => Number(file.slice(name.length + 1)))
    .filter(Number.isSafeInteger);
}

/** Makes the file with all its content at once. False: it is there already. */
function create(file: string): boolean {
  const draft = `${file}.of-${process.pid}`;
  writeFileSync(draft, processMark(process.pid) ?? String(process.pid), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Whether the process that wrote the mark still runs. */
function isHeld(file: string): boolean {
  const mark = readText(file);
  if (mark === null) return false;
  const pid = Number(mark.split(':', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return false;
  return processMark(pid) === mark || (readBootId() === null && isAlive(pid));
}

/** Pid, boot and start time: a pid that was given anew is another process. */
function processMark(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in parentheses may hold blanks; the start time is the 20th field behind it.
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid}:${readBootId() ?? ''}:${startTime ?? ''}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
