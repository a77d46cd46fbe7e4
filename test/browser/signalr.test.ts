import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const server = path.join(import.meta.dirname, '../../examples/signalr-chat/server.mjs');
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
  // The app is built first.
  await fetch(`${base}chat/room/negotiate?negotiateVersion=1`, { method: 'POST' });
  if (existsSync(CHROMIUM))
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  child.kill();
  await once(child, 'exit');
});

describe.each(['WebSockets', 'ServerSentEvents', 'LongPolling'])(
  'examples/signalr-chat over %s',
  (transport) => {
    test('two pages in Chromium talk, and one counts down', async () => {
      if (!browser) {
        // Only where there is none: .ci/run installs it.
        console.log(`${CHROMIUM} is not there, not run`);
        return;
      }
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const [one, two] = [await open(context.newPage()), await open(context.newPage())];
      await one.locator('#state', { hasText: '2 here' }).waitFor();
      await one.fill('[name=text]', 'Grüße <b>');
      await one.click('button:not([type])');
      for (const page of [one, two])
        await page.locator('li', { hasText: 'Ella: Grüße <b>' }).waitFor();
      await two.click('#count');
      await two.locator('output', { hasText: 'Zero!' }).waitFor();
      await two.evaluate('room.stop()');
      await one.locator('#state', { hasText: '1 here' }).waitFor();
      await one.evaluate('room.stop()');
    }, 60_000);

    async function open(opening: Promise<Page>): Promise<Page> {
      const page = await opening;
      const [used] = await Promise.all([
        page.waitForEvent('request', (request) => request.url().includes('negotiate')),
        page.goto(`${base}?transport=${transport}`),
      ]);
      expect(used.method()).toBe('POST');
      await page.locator('#count:not([disabled])').waitFor();
      return page;
    }
  },
);
