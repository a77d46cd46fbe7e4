import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished } from 'vitest';
import { Example, inPage } from '../support/browser.ts';

const example = new Example('signalr-chat');

// The app is built first.
beforeAll(async () => {
  await fetch(`${example.url}chat/room/negotiate?negotiateVersion=1`, { method: 'POST' });
}, 120_000);

describe.each(['WebSockets', 'ServerSentEvents', 'LongPolling'])(
  'examples/signalr-chat over %s',
  (transport) => {
    inPage(
      'two pages talk, and one counts down',
      async () => {
        const context = await example.browser.newContext();
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
      },
      60_000,
    );

    async function open(opening: Promise<Page>): Promise<Page> {
      const page = await opening;
      const [used] = await Promise.all([
        page.waitForEvent('request', (request) => request.url().includes('negotiate')),
        page.goto(`${example.url}?transport=${transport}`),
      ]);
      expect(used.method()).toBe('POST');
      await page.locator('#count:not([disabled])').waitFor();
      return page;
    }
  },
);
