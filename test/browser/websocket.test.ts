import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const server = path.join(import.meta.dirname, '../../examples/websocket-echo/server.mjs');
let child: ChildProcess;
let browser: Browser | undefined;
let base: string;

beforeAll(async () => {
  child = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  [base] = (await once(lines, 'line')) as [string];
  if (existsSync(CHROMIUM))
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  child.kill();
  await once(child, 'exit');
});

describe('examples/websocket-echo', () => {
  test('says to other requests what it is', async () => {
    const response = await fetch(`${base}echo`);
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
  }, 60_000);

  test('echoes to a page in Chromium', async () => {
    if (!browser) {
      // Only where there is none: .ci/run installs it.
      console.log(`${CHROMIUM} is not there, not run`);
      return;
    }
    const page = await browser.newPage();
    await page.goto(base);
    for (const [n, text] of ['hello', 'äöü €', 'x'.repeat(100_000)].entries()) {
      await page.fill('input', text);
      await page.click('button:not([disabled])');
      await page.locator('li').nth(n).waitFor();
      expect(await page.locator('li').nth(n).textContent()).toBe(text);
    }
    await page.evaluate('socket.close(3456, "over")');
    await page.waitForFunction('document.title === "Closed: 3456"');
  }, 60_000);
});
