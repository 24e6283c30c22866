import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Where a Chromium is; undefined skips the tests that need one, with one line that says so. */
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (chromiumPath === undefined) console.error('Browser tests are skipped: no Chromium was found.');

/** Pictures of the pages are kept only when a folder is named. */
const pictures = process.env.TIDELINE_TEST_SCREENSHOTS;

// Code that runs in the page is text: the project is not compiled against a browser's types.
const reportPolicyBreaches = `addEventListener('securitypolicyviolation', (event) =>
  console.error('policy:', event.violatedDirective, event.blockedURI, event.sourceFile))`;
/** What reaches beyond the screen, but for what scrolls by itself. */
const listTooWide = `[...document.querySelectorAll('body *')].filter((element) =>
  element.getBoundingClientRect().right > innerWidth + 1 && element.closest('.scroll') === null &&
  getComputedStyle(element).position !== 'absolute').map((element) => element.outerHTML.slice(0, 200))`;
const countNameless = `[...document.querySelectorAll('button, a, input, select, progress')].filter(
  (element) => element.textContent.trim() === '' && !element.labels?.length).length`;

export async function launchBrowser(): Promise<Browser> {
  if (pictures) mkdirSync(pictures, { recursive: true });
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
}

/** A page in a context of its own, and what it must never have: errors in the console and breaches of its policy. */
export interface WatchedPage {
  context: BrowserContext;
  page: Page;
  /** Lets a refusal that a test brings about be no complaint. */
  expectRefusals(status: number): void;
  /** Closes the page, and fails where it complained. */
  close(): Promise<void>;
}

export async function openPage(browser: Browser): Promise<WatchedPage> {
  const complaints: string[] = [];
  // The browser reports every refused request; being asked to sign in is one.
  const expected = new Set([401]);
  const context = await browser.newContext({
    viewport: { width: 1100, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    const status = Number(/status of (\d{3})/.exec(message.text())?.[1]);
    if (message.type() === 'error' && !expected.has(status)) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(reportPolicyBreaches);
  return {
    context,
    page,
    expectRefusals: (status) => void expected.add(status),
    async close() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** Keeps a picture of the whole page, of a part of it, or of what one sees of it without scrolling. */
export async function keepPicture(page: Page, name: string, part?: Locator | 'screen'): Promise<void> {
  if (!pictures) return;
  const path = join(pictures, `${name}.png`);
  if (typeof part === 'object') await part.screenshot({ path });
  else await page.screenshot({ path, fullPage: part === undefined });
}

/** Everything that can be used has a name, and nothing is wider than the screen. */
export async function expectReadable(page: Page): Promise<void> {
  // A chart takes the width of its place a moment after it is there.
  await expect.poll(() => page.evaluate(listTooWide)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(await page.evaluate(countNameless)).toBe(0);
}
