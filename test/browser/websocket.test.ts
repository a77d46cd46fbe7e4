import { expect, test } from 'vitest';
import { Example, inPage } from '../support/browser.ts';

const example = new Example('websocket-echo');

test('examples/websocket-echo says to other requests what it is', async () => {
  const response = await fetch(`${example.url}echo`);
  expect(response.status).toBe(426);
  expect(response.headers.get('upgrade')).toBe('websocket');
}, 60_000);

inPage(
  'examples/websocket-echo echoes to a page',
  async () => {
    const page = await example.browser.newPage();
    await page.goto(example.url);
    for (const [n, text] of ['hello', 'äöü €', 'x'.repeat(100_000)].entries()) {
      await page.fill('input', text);
      await page.click('button:not([disabled])');
      await page.locator('li').nth(n).waitFor();
      expect(await page.locator('li').nth(n).textContent()).toBe(text);
    }
    await page.evaluate('socket.close(3456, "over")');
    await page.waitForFunction('document.title === "Closed: 3456"');
  },
  60_000,
);
