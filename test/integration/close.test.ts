import express from 'express';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe('ready', () => {
  test('is not waited for by the caller: requests that come before wait', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(`${url}/hello`)));
    for (const { status } of answers) expect(status).toBe(200);
  });

  test('a client that leaves before leaves nothing behind', async () => {
    const handler = load(appPath('Kitchen'));
    const { port, url } = await serve(handler);
    for (let i = 0; i < 5; i++) (await Connection.open(port)).get('/never').destroy();
    expect((await request(`${url}/hello`)).status).toBe(200);
    await expect.poll(async () => (await owin.runtime.stats()).exchanges).toBe(0);
  });
});

describe('close', () => {
  test('waits for requests in flight, tells the app, and takes no more', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const slow = request(`${url}/sse?n=5&every=20`);
    await request(`${url}/hello`);
    await handler.close();
    expect((await slow).body).toContain('data: 4');
    const refused = await request(`${url}/hello`);
    expect([refused.status, refused.headers.connection]).toEqual([503, 'close']);
  });

  test('hands further requests to next', async () => {
    const handler = load(appPath('Kitchen'));
    const app = express().use(handler, (_req, res) => void res.end('behind'));
    const { url } = await serve(app);
    expect((await request(`${url}/hello`)).body).toContain('Hello');
    await handler.close();
    expect((await request(`${url}/hello`)).body).toBe('behind');
  });

  test('aborts what is left when the drain is over', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const running = request(`${url}/never`);
    const streaming = request(`${url}/never?write`).catch((error) => error);
    await request(`${url}/notes?of=never&at-least=2`);
    const before = performance.now();
    await handler.close({ drain: 100 });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect((await running).status).toBe(503);
    expect(await streaming).toMatchObject({ code: 'ECONNRESET' });
    expect((await owin.runtime.stats()).slots.used).toBe(0);
  });

  test.each([2 ** 31, Infinity])(
    'waits for a drain of %s ms, longer than a timer can',
    async (drain) => {
      const handler = load(appPath('Kitchen'));
      const { url } = await serve(handler);
      const slow = request(`${url}/sse?n=5&every=20`);
      await request(`${url}/hello`);
      await handler.close({ drain });
      expect((await slow).body).toContain('data: 4');
    },
  );

  test('leaves a response alone that the handlers behind next are at work on', async () => {
    const handler = load(appPath('Kitchen'));
    let finish!: () => void;
    const app = express().use(handler, (_req, res) => {
      finish = () => void res.setHeader('X-Late', '1').end('finished');
    });
    const { url } = await serve(app);
    const answer = request(`${url}/next`);
    await expect.poll(() => finish).toBeDefined();
    await handler.close({ drain: 20 });
    finish();
    expect((await answer).body).toBe('finished');
  });

  test('during the load answers the requests that came before it', async () => {
    let closed: Promise<void> | undefined;
    const { url } = await serve((req, res) => {
      const handler = load(appPath('Kitchen'));
      handler(req, res);
      closed = handler.close({ drain: 5_000 });
    });
    expect((await request(`${url}/hello`)).status).toBe(200);
    await closed;
  });

  test('during the load refuses what comes after it', async () => {
    const { url } = await serve((req, res) => {
      const handler = load(appPath('Kitchen'));
      void handler.close();
      handler(req, res);
    });
    expect((await request(`${url}/hello`)).status).toBe(503);
  });

  test('twice is one close, and asyncDispose is the same', async () => {
    const handler = load(appPath('Kitchen'));
    await Promise.all([
      handler.close(),
      handler.close({ drain: 1 }),
      handler[Symbol.asyncDispose](),
    ]);
    expect((await request((await serve(handler)).url)).status).toBe(503);
  });

  test.each([-1, 'soon', Number.NaN])('refuses a drain of %s', async (drain) => {
    const handler = load(appPath('Kitchen'));
    await expect(handler.close({ drain: drain as number })).rejects.toMatchObject({
      code: 'ERR_OWIN_OPTION',
    });
  });

  test('tells the app through host.OnAppDisposing, and what its callbacks throw', async () => {
    const handler = owin(appPath('Kitchen'));
    const { url } = await serve(handler);
    await request(`${url}/closing?id=first&throw`);
    const error = await handler.close().catch((error) => error);
    expect(error.name).toBe('System.AggregateException');
    expect(error.errors).toMatchObject([{ message: 'closing first' }]);
    expect((await request(url)).status).toBe(503);
  });
});
