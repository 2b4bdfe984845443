import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSettings } from '../../examples/view-counts/arguments.ts';
import { runDemo } from '../../examples/view-counts/demo.ts';
import type { CountedWindow } from './access-log-sample.ts';

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-view-counts-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

export type WrittenWindow = CountedWindow & { readonly open?: true };

export function readWindows(path: string): readonly WrittenWindow[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as WrittenWindow); // as the program says
}

/** A whole run in this process; what it printed. */
export async function runHere(args: readonly string[]): Promise<string> {
  const settings = parseSettings(args);
  if (settings === null) throw new Error('Help was asked for.');
  let output = '';
  const out = { write: (text: string) => (output += text) };
  await runDemo(settings, out, new AbortController().signal);
  return output;
}
