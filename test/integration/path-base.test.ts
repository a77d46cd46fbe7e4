import connect from 'connect';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { mounting } from '../support/frontends.ts';
import { kitchen } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { envOf, show } from '../support/show.ts';

describe.each(Object.keys(mounting))('the path base in %s', (name) => {
  const frontend = mounting[name] as (typeof mounting)[string];

  test.each([
    ['/base', '/base', '', ''],
    ['/base/', '/base', '/', ''],
    ['/base?q=1', '/base', '', 'q=1'],
    ['/base/?q=1', '/base', '/', 'q=1'],
    ['/base/a/b?q', '/base', '/a/b', 'q'],
    ['/BASE/a', '/BASE', '/a', ''],
    ['/base/%2e%2e/a', '/base', '/a', ''],
    // Express 4 swallows the second slash.
    ['/base//a', '/base', name === 'express 4' ? '/a' : '//a', ''],
  ])(
    '%s is split where the handler is mounted, in the client’s casing',
    async (target, base, pathOf, query) => {
      const { port } = await serve(frontend(show, '/base'));
      expect(await envOf(port, target)).toMatchObject({
        'owin.RequestPathBase': base,
        'owin.RequestPath': pathOf,
        'owin.RequestQueryString': query,
        'node.OriginalUrl': target,
      });
    },
  );

  test('of the absolute form is found behind the authority', async () => {
    const { port } = await serve(frontend(show, '/base'));
    for (const [target, rest] of [
      ['http://other/base/a?q', '/a'],
      ['http://other/base?q', ''],
    ])
      expect(await envOf(port, target as string)).toMatchObject({
        'owin.RequestPathBase': '/base',
        'owin.RequestPath': rest,
        'owin.RequestQueryString': 'q',
        'header:Host': 'other',
      });
  });

  test('is empty without a mount', async () => {
    const { port } = await serve(frontend(show));
    expect(await envOf(port, '/a')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/a',
    });
  });

  test('of nested mounts is all of them', async () => {
    const outer = frontend(frontend(show, '/inner') as never, '/outer');
    const { port } = await serve(outer);
    expect(await envOf(port, '/outer/inner/a')).toMatchObject({
      'owin.RequestPathBase': '/outer/inner',
      'owin.RequestPath': '/a',
    });
    expect(await envOf(port, '/outer/inner')).toMatchObject({
      'owin.RequestPathBase': '/outer/inner',
      'owin.RequestPath': '',
    });
  });
});

describe('the path base', () => {
  test('is percent-decoded', async () => {
    const app = express().use('/{*any}/x', show);
    const { port } = await serve(app);
    expect(await envOf(port, '/caf%C3%A9%20noir/x/a')).toMatchObject({
      'owin.RequestPathBase': '/café noir/x',
      'owin.RequestPath': '/a',
    });
  });

  test.each(Object.keys(mounting))(
    'with a trailing slash in the mount has none, in %s',
    async (name) => {
      const { port } = await serve((mounting[name] as (typeof mounting)[string])(show, '/base/'));
      expect(await envOf(port, '/base/a')).toMatchObject({
        'owin.RequestPathBase': '/base',
        'owin.RequestPath': '/a',
      });
    },
  );

  test('stays empty for app.all, which mounts nothing', async () => {
    const { port } = await serve(express().all('/jazz', show));
    expect(await envOf(port, '/jazz')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/jazz',
    });
  });

  test.each([
    ['express', () => express()],
    ['connect', () => connect() as unknown as express.Express],
  ])('stays empty when middleware of %s has rewritten the url', async (_, make) => {
    const app = make();
    app.use((req, _res, next) => {
      req.url = new URL(req.url, 'http://any').searchParams.get('to') as string;
      next();
    });
    app.use(show as express.RequestHandler);
    const { port } = await serve(app);
    expect(await envOf(port, '/old?to=/new/path')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/new/path',
      'node.OriginalUrl': '/old?to=/new/path',
    });
    expect(await envOf(port, '/old?to=/')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/',
    });
  });

  test('goes by the mount when middleware has rewritten the url below it', async () => {
    const router = express.Router();
    router.use((req, _res, next) => {
      req.url = '/rewritten';
      next();
    });
    router.use(show);
    const { port } = await serve(express().use('/base', router));
    expect(await envOf(port, '/base/old')).toMatchObject({
      'owin.RequestPathBase': '/base',
      'owin.RequestPath': '/rewritten',
    });
  });

  test('survives characters that only a rewritten url can have', async () => {
    const app = express().use((req, _res, next) => {
      req.url = '/♪/é';
      next();
    }, show);
    const { port } = await serve(app);
    expect((await envOf(port, '/a'))['owin.RequestPath']).toBe('/♪/é');
  });
});

test('an app below the mount of another server’s path still gets its own routes', async () => {
  const { url } = await serve(express().use('/kitchen', kitchen));
  expect((await request(`${url}/kitchen/hello`)).body).toContain('Hello');
});
