import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const executablePath = '/usr/bin/chromium';

/** What the tests use of playwright-core, which is installed in this folder alone. */
export interface Browser {
  newContext(options: {
    readonly colorScheme?: 'light' | 'dark';
    readonly viewport?: { readonly width: number; readonly height: number };
  }): Promise<BrowserContext>;
  close(): Promise<void>;
}

interface BrowserContext {
  newPage(): Promise<BrowserPage>;
  close(): Promise<void>;
}

export interface BrowserPage {
  on(event: 'console', heard: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', heard: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  /** What the expression, run in the page, comes to. */
  evaluate(expression: string): Promise<unknown>;
}

/** Resolves once it is true. Playwright's own way evaluates text, which a strict policy forbids. */
export async function untilTrue(page: BrowserPage, expression: string): Promise<void> {
  while ((await page.evaluate(expression)) !== true) await sleep(50);
}

interface PlaywrightCore {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** Whether there is a browser to start; says so where there is none. */
export const hasChromium = existsSync(executablePath);
if (!hasChromium) process.stderr.write(`SKIPPED: no Chromium at ${executablePath}\n`);

export async function startChromium(): Promise<Browser> {
  // A variable, for the compiler: it is not there where the root alone is installed.
  const name: string = 'playwright-core';
  const { chromium } = (await import(name)) as PlaywrightCore; // that package
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
