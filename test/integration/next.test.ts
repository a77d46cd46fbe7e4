import type http from 'node:http';
import http2 from 'node:http2';
import { Readable } from 'node:stream';
import express from 'express';
import owin, { type Handler } from 'owin';
import { afterAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { mounting } from '../support/frontends.ts';
import { ask, secured, serveHttp2 } from '../support/http2.ts';
import {
  allLetGo,
  kitchen,
  note,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { load } from '../support/load.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const { NGHTTP2_CANCEL } = http2.constants;

function breakOff(res: http.ServerResponse): void {
  res.write('begun');
  setImmediate(() => res.destroy());
}

// A second app, so that one goes on to another.
const outer = owin(appPath('Kitchen'));
afterAll(() => outer.close({ drain: 0 }));

describe.each(Object.keys(mounting))('node.Next in %s', (name) => {
  const behind = (...handlers: express.RequestHandler[]): http.RequestListener => {
    const app = (mounting[name] as (typeof mounting)[string])(kitchen) as express.Express;
    for (const handler of handlers) app.use(handler);
    return app;
  };

  test('goes on with the next handler, with the headers set before', async () => {
    const { url } = await serve(behind((_req, res) => res.end('answered behind')));
    const answer = await request(`${url}/next?id=${topic()}`);
    expect([answer.status, answer.body]).toEqual([200, 'answered behind']);
    expect(valuesOf(answer, 'X-Before')).toEqual(['from .NET']);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
  });

  test('completes when the response has finished, with its status', async () => {
    const id = topic();
    let finish!: () => void;
    const { url } = await serve(
      behind((_req, res) => {
        res.statusCode = 299;
        res.write('begun');
        finish = () => res.end();
      }),
    );
    const answer = request(`${url}/next?id=${id}`);
    await notes(`${id}:began`);
    expect(await notes(id, 0)).toEqual([]);
    await expect.poll(() => finish).toBeDefined();
    finish();
    expect((await answer).status).toBe(299);
    expect(await notes(id)).toEqual(['none 299']);
  });

  test('fails when the response is destroyed', async () => {
    const id = topic();
    const { url } = await serve(behind((_req, res) => void res.destroy()));
    await expect(request(`${url}/next?id=${id}`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await notes(id))[0]).toContain('System.IO.IOException');
  });

  test('fails when the client leaves', async () => {
    const id = topic();
    const { port } = await serve(behind(() => {}));
    const connection = await Connection.open(port);
    connection.get(`/next?id=${id}`);
    await notes(`${id}:began`);
    connection.destroy();
    expect((await notes(id))[0]).toContain('System.IO.IOException');
  });

  test('that fails so is no error of an app that lets it pass', async () => {
    const { url } = await serve(behind((_req, res) => void res.destroy()));
    const answer = request(`${url}/set-user?name=Ella&next`);
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await allLetGo();
    // What .NET has posted has come when this has.
    await request(`${url}/hello`);
    expect(reportedErrors()).toEqual([]);
  });

  test('leaves the request body to the next handler', async () => {
    const { url } = await serve(behind((req, res) => void req.pipe(res)));
    for (const size of [1, 20_000, 500_000]) {
      const body = 'x'.repeat(size);
      expect((await request(`${url}/next`, { method: 'POST', body })).body).toBe(body);
    }
  });

  test('ends in 404 where nothing follows', async () => {
    const id = topic();
    const { url } = await serve(behind());
    expect((await request(`${url}/next?id=${id}`)).status).toBe(404);
    expect(await notes(id)).toEqual(['none 404']);
  });

  test('sees the answer to an error of the next handler', async () => {
    const id = topic();
    const { url } = await serve(
      behind((_req, _res, next) => next(new Error('from JavaScript')), ((
        _error,
        _req,
        res,
        _next,
      ) => {
        res.statusCode = 599;
        res.end('handled');
      }) as express.ErrorRequestHandler as never),
    );
    expect((await request(`${url}/next?id=${id}`)).status).toBe(599);
    expect(await notes(id)).toEqual(['none 599']);
  });
});

describe('node.Next', () => {
  const answering = express().use(kitchen, (_req, res) => void res.end('answered behind'));

  test('is absent where there is no next', async () => {
    const { url } = await serve(kitchen);
    expect((await request(`${url}/has-next`)).body).toBe('False');
    const express = await serve(answering);
    expect((await request(`${express.url}/has-next`)).body).toBe('True');
  });

  test('is the only way on: a 404 that the app sets itself is final', async () => {
    const { url } = await serve(answering);
    const answer = await request(`${url}/status?n=404`);
    expect([answer.status, answer.body]).toEqual([404, '']);
  });

  test.each([2, 1_000, 20_000, 500_000])('leaves a body of %i bytes to a parser', async (size) => {
    const app = express()
      .use(kitchen, express.json({ limit: '1mb' }))
      .use((req, res) => void res.end(JSON.stringify(req.body)));
    const { url } = await serve(app);
    const body = JSON.stringify({ text: 'x'.repeat(size) });
    const headers = { 'Content-Type': 'application/json' };
    for (const sent of [body, Readable.from([body])])
      expect((await request(`${url}/next`, { method: 'POST', headers, body: sent })).body).toBe(
        body,
      );
  });

  test('need not be awaited', async () => {
    const { url } = await serve(answering);
    expect((await request(`${url}/next?unawaited`)).body).toBe('answered behind');
  });

  test('takes the status of whoever answers, not the one set before', async () => {
    const { url } = await serve(answering);
    expect((await request(`${url}/next?status=404`)).status).toBe(200);
  });

  test('cannot be called twice, and nothing can be written behind it', async () => {
    const id = topic();
    const { url } = await serve(answering);
    await request(`${url}/next?id=${id}&twice&write`);
    expect(await notes(`${id}:twice`)).toEqual(['System.InvalidOperationException']);
    expect(await notes(`${id}:write`)).toEqual(['System.InvalidOperationException']);
  });

  test('is over when the app throws behind it: the error is reported, the response stands', async () => {
    const id = topic();
    const { url } = await serve(answering);
    expect((await request(`${url}/next?id=${id}&throw`)).body).toBe('answered behind');
    await expect.poll(() => reportedErrors()).toMatchObject([{ message: 'thrown behind next' }]);
  });

  test('keeps headers that JavaScript set, and lets the next handler change .NET’s', async () => {
    const app = express().disable('x-powered-by');
    app.use((_req, res, next) => {
      res.setHeader('Set-Cookie', 'js=1');
      next();
    });
    app.use(kitchen, (_req, res) => {
      res.removeHeader('X-Before');
      res.end();
    });
    const { url } = await serve(app);
    const answer = await request(`${url}/next`);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['js=1', 'a=1', 'b=2']);
    expect(valuesOf(answer, 'X-Before')).toEqual([]);
  });

  test('goes from one app to another on the same request', async () => {
    const id = topic();
    const { url } = await serve(
      express()
        .use(outer)
        .use('/', kitchen, (_req, res) => void res.end('in the end')),
    );
    expect((await request(`${url}/next?id=${id}`)).body).toBe('in the end');
    expect(await notes(id)).toEqual(['none 200']);
    await expect.poll(async () => (await owin.runtime.stats()).slots.used).toBe(0);
  });

  test('goes to another app that answers', async () => {
    const app = express()
      .use(outer)
      .use((req, _res, next) => {
        req.url = '/hello';
        next();
      }, kitchen);
    const { url } = await serve(app);
    const answer = await request(`${url}/next`);
    expect(answer.body).toContain('Hello');
    expect(valuesOf(answer, 'X-Before')).toEqual(['from .NET']);
    await expect.poll(async () => (await owin.runtime.stats()).slots.used).toBe(0);
  });

  test('comes too late for a response that JavaScript has begun, whose handler goes on', async () => {
    const { url } = await serve((req, res) => {
      res.write('begun, ');
      kitchen(req, res, () => res.end('ended'));
    });
    expect((await request(`${url}/next`)).body).toBe('begun, ended');
  });

  test('comes too late for one that JavaScript has ended: nobody is called', async () => {
    const id = topic();
    let called = false;
    const { port, url } = await serve((req, res) => {
      kitchen(req, res, () => {
        called = true;
      });
      // More than the client takes before it reads on.
      if (req.url !== '/hello') res.end(Buffer.alloc(50_000_000));
    });
    const connection = await Connection.open(port);
    connection.socket.pause();
    connection.get(`/next?id=${id}`);
    await notes(`${id}:began`);
    await request(`${url}/hello`);
    connection.socket.resume();
    await connection.response();
    expect(called).toBe(false);
  });

  test('comes in the moment in which the client leaves: .NET is let go', async () => {
    const id = topic();
    const { url } = await serve((req, res) => {
      kitchen(req, res, () => {});
      // .NET goes on while Node stands still; then the connection is gone before Node hears of it.
      setImmediate(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
        res.destroy();
      });
    });
    await expect(request(`${url}/next?id=${id}`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await notes(id))[0]).toContain('System.IO.IOException');
    await expect.poll(async () => (await owin.runtime.stats()).slots.used).toBe(0);
  });

  test('shows JavaScript the headers of .NET, of any casing and with all their lines', async () => {
    let seen: unknown;
    const app = express().use(kitchen, (_req, res) => {
      seen = [res.getHeader('x-before'), res.getHeader('SET-COOKIE'), res.headersSent];
      res.end();
    });
    const { url } = await serve(app);
    await request(`${url}/next`);
    expect(seen).toEqual(['from .NET', ['a=1', 'b=2'], false]);
  });

  test.each([
    ['is destroyed', (res: http.ServerResponse) => void res.destroy()],
    ['is begun and then destroyed', breakOff],
  ])(
    'an app that lets the exception of a response that %s through reports nothing',
    async (_, end) => {
      const { url } = await serve(express().use(kitchen, (_req, res) => end(res)));
      const id = topic();
      const steps = [`id=${id}`, 'on-cancelled=x', 'next', 'note=never'];
      await expect(request(url + script(...steps))).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await notes(id)).toEqual(['cancelled']);
      await allLetGo();
    },
  );

  test('with a patched setHeader that throws is an error for the next handler', async () => {
    const { url } = await serve((req, res) => {
      const { setHeader } = res;
      res.setHeader = () => {
        throw new Error('thrown by a patched setHeader');
      };
      kitchen(req, res, (error) => {
        res.setHeader = setHeader;
        res.end(String(error));
      });
    });
    expect((await request(`${url}/next`)).body).toBe('Error: thrown by a patched setHeader');
  });

  test('waits for a slow handler without holding a thread', async () => {
    const finishers: (() => void)[] = [];
    const { url } = await serve(
      express().use(kitchen, (_req, res) => void finishers.push(() => res.end('late'))),
    );
    const id = topic();
    const answers = Array.from({ length: 100 }, () => request(`${url}/next?id=${id}`));
    await notes(`${id}:began`, 100);
    await expect.poll(() => finishers.length).toBe(100);
    for (const finish of finishers) finish();
    for (const answer of await Promise.all(answers)) expect(answer.body).toBe('late');
    expect(await notes(id, 100)).toEqual(Array(100).fill('none 200'));
    await note(id);
  });
});

describe('a request body that .NET has begun to read', () => {
  const sizes = [1, 16 * 1024, 500_000];
  const parsed = (handler: Handler) =>
    express()
      .use(handler, express.text({ limit: '1mb' }))
      .use((req, res) => void res.end(req.body));
  const post = (url: string, path: string, body: string) =>
    request(url + path, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body });

  test.each(sizes)('and %i bytes long stops node.Next, which says what to do', async (size) => {
    const { url } = await serve(parsed(kitchen));
    const id = topic();
    const path = script(`id=${id}`, 'read', 'try', 'next');
    expect((await post(url, path, 'x'.repeat(size))).body).toBe('');
    const [error] = await notes(id);
    expect(error).toContain('System.InvalidOperationException');
    expect(error).toContain("buffering: { request: 'buffer' }");
  });

  test.each(sizes)('is whole behind node.Next where it is collected: %i bytes', async (size) => {
    const { url } = await serve(
      parsed(load(appPath('Kitchen'), { buffering: { request: 'buffer' } })),
    );
    const body = 'x'.repeat(size - 1) + 'y';
    for (const path of [script('read', 'next'), '/next?read', '/next']) {
      const answer = await post(url, path, body);
      expect(answer.body === body).toBe(true);
    }
  });

  test('and that a parser had read before is there for those behind, too', async () => {
    const app = express()
      .use(express.text(), kitchen)
      .use((req, res) => void res.end(req.body));
    const { url } = await serve(app);
    expect((await post(url, script('read', 'next'), 'text')).body).toBe('text');
  });
});

describe.each(Object.keys(secured))('node.Next over HTTP/2, %s', (over) => {
  const behind = (handler: (req: http.IncomingMessage, res: http.ServerResponse) => void) =>
    serveHttp2(
      ((req: http.IncomingMessage, res: http.ServerResponse) =>
        kitchen(req, res, () => handler(req, res))) as never,
      secured[over] as boolean,
    );

  test('goes on with the headers set before, those of HTTP/1 left out', async () => {
    const { session } = await behind((_req, res) => void res.end('behind'));
    const path = script(
      'header=X-Before:a',
      'header=Connection:close',
      'on-sending=header',
      'next',
    );
    const { status, text, headers } = await ask(session, { ':path': path });
    expect([status, text]).toEqual([200, 'behind']);
    expect(headers).toMatchObject({ 'x-before': 'a', 'x-sending': 'yes' });
    expect(headers['connection']).toBeUndefined();
  });

  test('leaves the request body to the next handler', async () => {
    const { session } = await behind((req, res) => void req.pipe(res));
    const parts = ['a', 'b'.repeat(16 * 1024), 'c'.repeat(500_000)];
    const { text } = await ask(session, { ':path': '/next', ':method': 'POST' }, parts);
    expect(text === parts.join('')).toBe(true);
  });

  test('completes with the status of the response', async () => {
    const { session } = await behind((_req, res) => {
      res.statusCode = 404;
      res.end();
    });
    const id = topic();
    expect((await ask(session, { ':path': `/next?id=${id}` })).status).toBe(404);
    expect(await notes(id)).toEqual(['none 404']);
  });

  test.each([
    ['is destroyed', (res: http.ServerResponse) => void res.destroy()],
    ['is begun and then destroyed', breakOff],
  ])('fails when the response %s', async (_, end) => {
    const { session } = await behind((_req, res) => end(res));
    const id = topic();
    await ask(session, { ':path': `/next?id=${id}` });
    expect((await notes(id))[0]).toContain('System.IO.IOException');
    await allLetGo();
  });

  test.each([
    ['nothing has been sent', () => {}],
    ['a part has', (res: http.ServerResponse) => void res.write('begun')],
    ['all is on its way', (res: http.ServerResponse) => void res.end(Buffer.alloc(5_000_000))],
  ])('fails when the client resets the stream and %s', async (_, begin) => {
    let began!: () => void;
    const beginning = new Promise<void>((resolve) => {
      began = resolve;
    });
    const { session } = await behind((_req, res) => {
      begin(res);
      began();
    });
    const id = topic();
    const stream = session.request({ ':path': `/next?id=${id}` });
    stream.on('error', () => {});
    await beginning;
    stream.close(NGHTTP2_CANCEL);
    expect((await notes(id))[0]).toContain('System.IO.IOException');
    await allLetGo();
  });
});
