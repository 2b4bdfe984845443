import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { takeSlotLock } from '../../../src/core/runtime/slot-lock.ts';
import { temporaryDirectory } from '../../support/log-fixture.ts';

it('a lock is taken once, and again after it was given back', () => {
  const directory = temporaryDirectory();
  const release = takeSlotLock(directory, 'one');
  expect(release).not.toBeNull();
  expect(takeSlotLock(directory, 'one')).toBeNull();
  expect(takeSlotLock(directory, 'other')).not.toBeNull();
  release?.();
  expect(takeSlotLock(directory, 'one')).not.toBeNull();
});

it('leaves one file, whose number grows with each taking', () => {
  const directory = temporaryDirectory();
  for (let taking = 1; taking <= 3; taking += 1) {
    const release = takeSlotLock(directory, 'one');
    expect(readdirSync(directory)).toEqual([`one.${taking}`]);
    release?.();
    expect(readFileSync(path.join(directory, `one.${taking}`), 'utf8')).toBe('');
  }
});

it('the greatest number is the lock: a running process keeps it, whatever lies below', () => {
  const directory = temporaryDirectory();
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  try {
    writeFileSync(path.join(directory, 'one.1'), '');
    writeFileSync(path.join(directory, 'one.2'), markOf(other.pid ?? 0));
    expect(takeSlotLock(directory, 'one')).toBeNull();
    expect(readdirSync(directory)).toEqual(['one.1', 'one.2']);
    writeFileSync(path.join(directory, 'one.3'), '');
    expect(takeSlotLock(directory, 'one')).not.toBeNull();
    expect(readdirSync(directory)).toEqual(['one.4']);
  } finally {
    other.kill();
  }
});

/** As the lock writes it where the system tells when a process began; elsewhere the pid alone. */
function markOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${pid}:${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}
