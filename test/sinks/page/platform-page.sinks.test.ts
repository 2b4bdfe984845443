import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTypeScript, type TypeScriptProcess } from '../../support/typescript-process.ts';
import {
  type Browser,
  type BrowserPage,
  hasChromium,
  startChromium,
  untilTrue,
} from '../support/chromium.ts';

const program = new URL('../../../examples/content-platform/main.ts', import.meta.url);

/** Numbers as the page writes them, of the elements that a selector finds. */
const numbers = (selector: string) =>
  `[...document.querySelectorAll('${selector}')].map((one) => Number(one.textContent.replaceAll(',', '')))`;

describe.skipIf(!hasChromium)('The page of the content platform, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-page-'));
  let platform: TypeScriptProcess;
  let browser: Browser;
  let url = '';

  beforeAll(async () => {
    const args = ['--port', '0', '--rate', '2000', '--dir', folder];
    platform = startTypeScript(program, args);
    platform.child.stdout?.on('data', (chunk: Buffer) => {
      url ||= /page is at (\S+)/.exec(chunk.toString())?.[1] ?? '';
    });
    await platform.outputMatches(/page is at \S+/);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    platform.child.kill('SIGINT');
    await platform.finished;
    rmSync(folder, { recursive: true, force: true });
  });

  /** With all that the page and its script complain of. */
  async function open(colorScheme: 'light' | 'dark', width = 1200) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page: BrowserPage = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    return { page, complaints, close: () => context.close() };
  }

  it('shows numbers that move, and complains of nothing', async () => {
    const { page, complaints, close } = await open('light');
    const processed = `${numbers('[data-number=processed]')}[0]`;
    await untilTrue(page, `${processed} > 0`);
    const before = Number(await page.evaluate(processed));
    await untilTrue(page, `${processed} > ${before + 1000}`);
    await untilTrue(page, `${numbers('[data-number=activeSessions]')}[0] > 0`);
    await untilTrue(page, `${numbers('#users')}[0] > 0`);
    for (const list of ['posts', 'countries', 'days', 'reasons']) {
      const counts = numbers(`[data-list=${list}] span:last-child`);
      await untilTrue(page, `${counts}.length > 0 && ${counts}.every((own) => own > 0)`);
    }
    expect(await page.evaluate("document.querySelector('#status').textContent")).toBe('live');
    expect(complaints).toEqual([]);
    await close();
  });

  it('draws the topology, with topics that grow', async () => {
    const { page, close } = await open('light');
    const drawn = (label: string) =>
      `[...document.querySelectorAll('.node text')].some((one) => one.textContent === '${label}')`;
    for (const label of ['events', 'intake-ids', 'geo', 'sessions', 'active-users-live']) {
      expect(await page.evaluate(drawn(label))).toBe(true);
    }
    expect(await page.evaluate("document.querySelectorAll('.edge').length")).toBeGreaterThan(20);
    const accepted = `${numbers('[data-topic=events-accepted]')}[0]`;
    await untilTrue(page, `${accepted} > 0`);
    const before = Number(await page.evaluate(accepted));
    await untilTrue(page, `${accepted} > ${before}`);
    await close();
  });

  it('is light or dark as the reader likes it', async () => {
    const brightness = async (scheme: 'light' | 'dark') => {
      const { page, close } = await open(scheme);
      const ground = 'getComputedStyle(document.body).backgroundColor';
      const colours =
        String(await page.evaluate(ground))
          .match(/\d+/g)
          ?.map(Number) ?? [];
      await close();
      return colours.reduce((sum, own) => sum + own, 0) / 3;
    };
    expect(await brightness('light')).toBeGreaterThan(200);
    expect(await brightness('dark')).toBeLessThan(50);
  });

  it('fits a phone: the picture alone is wider', async () => {
    const { page, close } = await open('light', 390);
    await untilTrue(page, `${numbers('[data-number=processed]')}[0] > 0`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await close();
  });

  it('says when the program has ended', async () => {
    const { page, close } = await open('light');
    const status = "document.querySelector('#status').textContent";
    await untilTrue(page, `${status} === 'live'`);
    platform.child.kill('SIGINT');
    await untilTrue(page, `${status}.startsWith('not connected')`);
    expect((await platform.finished).code).toBe(0);
    await close();
  });
});
