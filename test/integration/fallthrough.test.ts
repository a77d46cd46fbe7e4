import type { RequestListener } from 'node:http';
import type express from 'express';
import type { RequestHandler } from 'express';
import type { AppOptions, Handler } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { mounting } from '../support/frontends.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

// A pipeline of delegates that answers "/" and goes on with everything else.
const pipeline = (options: AppOptions = {}) => load(appPath('Builder'), options);
const kitchen = (options: AppOptions = {}) => load(appPath('Kitchen'), options);

describe.each(Object.keys(mounting))('fallthrough in %s', (name) => {
  const behind = (handler: Handler): RequestListener => {
    const app = (mounting[name] as (typeof mounting)[string])(handler) as express.Express;
    return app.use(((_req, res) => void res.end('from JavaScript')) as RequestHandler);
  };

  test.each([{}, { fallthrough: true }])('%j: the end of a pipeline is next()', async (options) => {
    const { url } = await serve(behind(pipeline(options)));
    expect((await request(url)).body).toBe('configured');
    const answer = await request(`${url}/other`);
    expect([answer.status, answer.body]).toEqual([200, 'from JavaScript']);
  });

  test('is for the end of the pipeline alone: a 404 of the app is final', async () => {
    const { url } = await serve(behind(kitchen()));
    const answer = await request(`${url}/no-such-route`);
    expect([answer.status, answer.body]).toEqual([404, '']);
  });

  test('false: the end of a pipeline is a 404', async () => {
    const { url } = await serve(behind(pipeline({ fallthrough: false })));
    expect((await request(url)).body).toBe('configured');
    const answer = await request(`${url}/other`);
    expect([answer.status, answer.body]).toEqual([404, '']);
  });
});

describe('fallthrough: false', () => {
  const answering =
    (handler: Handler): RequestListener =>
    (req, res) =>
      handler(req, res, (error) => res.end(`next(${error ?? ''})`));

  test('takes node.Next away', async () => {
    const { url } = await serve(answering(kitchen({ fallthrough: false })));
    expect((await request(`${url}/has-next`)).body).toBe('False');
    const open = await serve(answering(kitchen()));
    expect((await request(`${open.url}/has-next`)).body).toBe('True');
  });

  test('leaves errors to next', async () => {
    const { url } = await serve(answering(kitchen({ fallthrough: false })));
    expect((await request(`${url}/throw`)).body).toContain('next(System.InvalidOperationException');
  });

  test('answers 503 once the handler is closed, where next() would be', async () => {
    const [closed, open] = [kitchen({ fallthrough: false }), kitchen()];
    await Promise.all([closed.close(), open.close()]);
    expect((await request((await serve(answering(closed))).url)).status).toBe(503);
    expect((await request((await serve(answering(open))).url)).body).toBe('next()');
  });
});
