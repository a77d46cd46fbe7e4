import http from 'node:http';
import owin, { OwinError } from 'owin';
import { beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../../support/apps.ts';
import { serve } from '../../support/serve.ts';

describe('before the start', () => {
  test('info() says idle and starts nothing', () => {
    expect(owin.runtime.info()).toEqual({ state: 'idle' });
    expect(owin.runtime.info()).toEqual({ state: 'idle' });
  });

  test('stats() has no figures', async () => {
    await expect(owin.runtime.stats()).rejects.toMatchObject({
      code: 'ERR_OWIN_RUNTIME_START',
      message: expect.stringContaining('Nothing has started it yet'),
    });
  });
});

describe('after the start', () => {
  beforeAll(async () => {
    await owin.runtime.start({ gc: { concurrent: true } });
  });

  test('info() says what runs and why', async () => {
    const info = owin.runtime.info();
    expect(info).toEqual({
      state: 'running',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      path: expect.any(String),
      reason: expect.any(String),
      frameworks: expect.objectContaining({ 'Microsoft.NETCore.App': info.version }),
      probed: expect.any(Array),
      owner: 'owin',
      bridge: expect.stringMatching(/Owin\.Host\.dll$/),
    });
    expect(info.probed?.at(-1)).toEqual({
      source: info.reason,
      path: info.path,
      outcome: 'chosen',
    });
  });

  test('start() without options gives the same again', async () => {
    expect(await owin.runtime.start()).toEqual(owin.runtime.info());
    expect(await owin.runtime.start({})).toEqual(owin.runtime.info());
  });

  test('options come too late', () => {
    const late = () => owin.runtime.start({ gc: { server: true } });
    expect(late).toThrow(OwinError);
    expect(late).toThrow(expect.objectContaining({ code: 'ERR_OWIN_RUNTIME_STARTED' }));
    expect(late).toThrow(
      'The runtime has started already: it is running, so options come too late.',
    );
  });

  test('a handler tells what it runs on', async () => {
    const handler = owin(appPath('Kitchen'));
    expect(await handler.ready).toEqual({
      kind: 'owin',
      location: appPath('Kitchen'),
      assembly: 'Kitchen',
      chosenBy: 'the name Kitchen.Startup',
      assemblyVersion: '1.0.0.0',
      type: 'Kitchen.Startup',
      method: 'Invoke',
      targetFramework: '.NETCoreApp,Version=v10.0',
      runtime: owin.runtime.info().version,
    });
    await handler.close();
  });

  test('stats() counts requests in flight on both sides', async () => {
    const handler = owin(appPath('Kitchen'));
    const { url } = await serve(handler);
    await fetch(`${url}/hello`);
    expect(await owin.runtime.stats()).toMatchObject({
      exchanges: 0,
      slots: { used: 0 },
      dotnetExchanges: 0,
    });

    const never = Array.from({ length: 3 }, () =>
      http.get(`${url}/never`, { agent: false }).on('error', () => {}),
    );
    await fetch(`${url}/notes?of=never&at-least=3`).then((response) => response.text());
    const stats = await owin.runtime.stats();
    expect(stats).toMatchObject({ exchanges: 3, slots: { used: 3 }, dotnetExchanges: 3 });
    expect(stats.threads.pool).toBeGreaterThan(0);
    expect(stats.heap.bytes).toBeGreaterThan(0);
    expect(stats.heap.allocatedBytes).toBeGreaterThan(0);

    for (const request of never) request.destroy();
    await handler.close({ drain: 5_000 });
    expect(await owin.runtime.stats()).toMatchObject({
      exchanges: 0,
      slots: { used: 0 },
      dotnetExchanges: 0,
    });
  });
});
