import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChildMessage, ChildOptions, WipedState } from './child-options.ts';
import type { Death } from './death.ts';

/** No life takes this long, unless it hangs. */
const maxLifeMs = 120_000;

export interface Life {
  /** Other than `done` and `killed`: what went wrong. */
  readonly end: string;
  /** Local states that were thrown away at the start. */
  readonly wiped: readonly WipedState[];
  /** Tasks whose local state was written. */
  readonly written: readonly string[];
  /** Clicks committed by earlier lives; null if it died too early to tell. */
  readonly committedAtStart: number | null;
}

/** Starts a child and lets it die as told, if it is not done before; null: lets it live. */
export async function live(
  options: Omit<ChildOptions, 'deathAt'>,
  death: Death | null,
): Promise<Life> {
  const deathAt = death?.kind === 'at-call' ? death : null;
  const argument = JSON.stringify({ ...options, deathAt });
  const child = fork(join(import.meta.dirname, 'child.js'), [argument]);
  const timers = [setTimeout(() => child.kill('SIGABRT'), maxLifeMs)];
  const killLater = (delayMs: number) => {
    timers.push(setTimeout(() => child.kill('SIGKILL'), delayMs));
  };
  if (death?.kind === 'after-spawn') killLater(death.delayMs);
  const wiped: WipedState[] = [];
  const written: string[] = [];
  let committedAtStart: number | null = null;
  child.on('message', (received) => {
    const message = received as ChildMessage; // what child.ts sends
    if (message.type === 'wiped') wiped.push(message);
    if (message.type === 'written') written.push(message.task);
    if (message.type !== 'started') return;
    committedAtStart = message.committed;
    if (death?.kind === 'after-start') killLater(death.delayMs);
  });
  const end = await endOf(child);
  timers.forEach(clearTimeout);
  return { end, wiped, written, committedAtStart };
}

async function endOf(child: ChildProcess): Promise<string> {
  await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  if (child.signalCode === 'SIGKILL') return 'killed';
  if (child.signalCode === 'SIGABRT') return `hung for ${maxLifeMs} ms`;
  return child.exitCode === 0 ? 'done' : `ended with code ${child.exitCode}`;
}
