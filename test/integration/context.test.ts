import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type express from 'express';
import { describe, expect, test } from 'vitest';
import { mounting } from '../support/frontends.ts';
import { kitchen, script } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const storage = new AsyncLocalStorage<string>();

/** A listener in a context of its own, named by the request’s X-Id. */
const inContext =
  (listener: RequestListener): RequestListener =>
  (req, res) =>
    storage.run(req.headers['x-id'] as string, () => listener(req, res));

/** One request each in 20 contexts at once; all must be answered with the name of their own. */
async function expectOwnContexts(listener: RequestListener, path: string): Promise<void> {
  const { url } = await serve(inContext(listener));
  const ids = Array.from({ length: 20 }, (_, i) => `context-${i}`);
  const answers = await Promise.all(
    ids.map((id) => request(url + path, { headers: { 'X-Id': id } })),
  );
  expect(answers.map(({ body }) => body)).toEqual(ids);
}

describe.each(Object.keys(mounting))('an AsyncLocalStorage in %s', (name) => {
  const behind = (handler: unknown): RequestListener => {
    const app = (mounting[name] as (typeof mounting)[string])(kitchen) as express.Express;
    return app.use(handler as express.RequestHandler);
  };

  test('survives to the next handler', async () => {
    const app = behind(((_req, res) => void res.end(storage.getStore())) as express.RequestHandler);
    await expectOwnContexts(app, '/next');
  });

  test.each(['/throw', '/fault', '/null', script('reason=5', 'write=x')])(
    'survives to the error handler: %s',
    async (path) => {
      const app = behind(
        ((_error, _req, res, _next) =>
          void res.end(storage.getStore())) as express.ErrorRequestHandler,
      );
      await expectOwnContexts(app, path);
    },
  );
});

describe('an AsyncLocalStorage', () => {
  test.each([
    ['whole', []],
    ['streamed', ['await=context']],
  ])('survives to patched methods of a %s response', async (_, more) => {
    const listener: RequestListener = (req, res) => {
      const { writeHead } = res;
      res.writeHead = (...args: unknown[]) => {
        res.setHeader('X-Context', String(storage.getStore()));
        return writeHead.apply(res, args as never);
      };
      kitchen(req, res);
    };
    const { url } = await serve(inContext(listener));
    for (const id of ['one', 'two']) {
      const path = url + script('write=x', ...more);
      const req = http.get(path, { agent: false, headers: { 'X-Id': id } });
      const [res] = (await once(req, 'response')) as [http.IncomingMessage];
      expect(res.headers['x-context']).toBe(id);
      req.destroy();
    }
  });

  test('and its .NET counterpart do not leak from one request to the next', async () => {
    const { url } = await serve(kitchen);
    for (let i = 0; i < 30; i++)
      expect((await request(`${url}/async-local?set=left-by-${i}`)).body).toBe('');
  });
});
