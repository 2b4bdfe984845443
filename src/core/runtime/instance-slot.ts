import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBootId } from './boot-id.ts';
import type { RandomSource } from './runtime.ts';

/** Workers of one machine that share a state directory, at most. */
const maxSlots = 1024;
const heldHere = new Set<string>();

/** A place among the workers that share a directory, with the id that is kept in it. */
export interface InstanceSlot {
  readonly instanceId: string;
  release(): void;
}

/**
 * Takes the first free slot below `directory`. A slot whose process is gone is free, so a worker
 * that was killed finds its id again. Null if all are taken.
 */
export function takeInstanceSlot(directory: string, random: RandomSource): InstanceSlot | null {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let slot = 0; slot < maxSlots; slot += 1) {
    const base = path.join(directory, `slot-${slot}`);
    if (!takeLock(`${base}.lock`)) continue;
    const instanceId = storedId(`${base}.id`) ?? newId(`${base}.id`, random);
    return { instanceId, release: () => releaseLock(`${base}.lock`) };
  }
  return null;
}

function takeLock(file: string): boolean {
  const name = path.resolve(file);
  if (heldHere.has(name) || isHeld(file)) return false;
  // Two processes may both find the slot free: the one whose mark is there at the end has it.
  rmSync(file, { force: true });
  try {
    writeFileSync(file, processMark(process.pid) ?? String(process.pid), {
      flag: 'wx',
      mode: 0o600,
    });
  } catch {
    return false;
  }
  heldHere.add(name);
  return true;
}

function releaseLock(file: string): void {
  rmSync(file, { force: true });
  heldHere.delete(path.resolve(file));
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

function storedId(file: string): string | null {
  const id = readText(file);
  return id !== null && /^[0-9a-f]{16}$/.test(id) ? id : null;
}

function newId(file: string, random: RandomSource): string {
  const id = random.hex(16);
  writeFileSync(`${file}.new`, id, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return id;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
