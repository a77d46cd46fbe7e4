import { once } from 'node:events';
import http from 'node:http';
import zlib from 'node:zlib';
import compression from 'compression';
import express from 'express';
import session from 'express-session';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { mounting } from '../support/frontends.ts';
import { kitchen, note, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const gzip = { 'Accept-Encoding': 'gzip' };

/** The kitchen behind middleware. */
function behind(name: string, first: unknown, ...rest: unknown[]): http.RequestListener {
  const app = (mounting[name] as (typeof mounting)[string])(
    first as typeof kitchen,
  ) as express.Express;
  for (const each of [...rest, kitchen]) app.use(each as express.RequestHandler);
  return app;
}

describe.each(Object.keys(mounting))('compression in %s', (name) => {
  test.each([
    ['whole', ['write=' + 'text '.repeat(500)]],
    ['whole, of a known length', ['header=Content-Length:2500', 'write=' + 'text '.repeat(500)]],
    [
      'streamed',
      ['write=' + 'text '.repeat(250), 'flush', 'yield', 'write=' + 'text '.repeat(250)],
    ],
  ])('compresses a %s response', async (_, steps) => {
    const { url } = await serve(behind(name, compression()));
    const path = script('header=Content-Type:text/plain', 'header=Vary:Origin', ...steps);
    const answer = await request(url + path, { headers: gzip });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.headers['content-length']).toBeUndefined();
    expect(String(zlib.gunzipSync(answer.bytes))).toBe('text '.repeat(500));
    expect(valuesOf(answer, 'Vary').join(', ')).toBe('Origin, Accept-Encoding');
  });

  test('keeps several Set-Cookie lines and latin-1 values', async () => {
    const { url } = await serve(behind(name, compression({ threshold: 0 })));
    const headers = ['Set-Cookie:a=1', 'Set-Cookie:b=2', 'X-Latin:café', 'Content-Type:text/plain'];
    const answer = await request(
      url + script(...headers.map((each) => `header=${each}`), 'write=x'),
      { headers: gzip },
    );
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(valuesOf(answer, 'X-Latin')).toEqual(['café']);
    expect(String(zlib.gunzipSync(answer.bytes))).toBe('x');
  });

  test('takes a body that is larger than every window', async () => {
    const { url } = await serve(behind(name, compression()));
    const path = script('header=Content-Type:text/plain', ...Array(40).fill('bytes=500000'));
    const req = http.get(url + path, { agent: false, headers: gzip });
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    let length = 0;
    for await (const chunk of res.pipe(zlib.createGunzip())) length += chunk.length;
    expect(length).toBe(20_000_000);
  });

  test('lets a response alone that it cannot compress', async () => {
    const { url } = await serve(behind(name, compression()));
    const image = script('header=Content-Type:image/png', 'bytes=100000', 'bytes=200000');
    const answer = await request(url + image, { headers: gzip });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.bytes.length).toBe(300_000);
    expect((await request(`${url}/status?n=204`, { headers: gzip })).status).toBe(204);
    expect((await request(`${url}/hello`, { method: 'HEAD', headers: gzip })).status).toBe(200);
  });

  test('passes the abort of a response that fails in the middle', async () => {
    const { url } = await serve(behind(name, compression()));
    const path = script(
      'header=Content-Type:text/plain',
      'write=text',
      'flush',
      'yield',
      'throw=x',
    );
    await expect(request(url + path, { headers: gzip })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(reportedErrors()).toHaveLength(1);
  });
});

describe.each(Object.keys(mounting))('express-session in %s', (name) => {
  const sessions = () =>
    session({ secret: 'not a secret', resave: false, saveUninitialized: true });

  test.each([
    ['whole', ['write=body']],
    ['of a known length', ['header=Content-Length:4', 'write=body']],
    ['streamed', ['write=bo', 'flush', 'yield', 'write=dy']],
    ['empty', []],
  ])('adds its cookie to those of .NET: %s', async (_, steps) => {
    const { url } = await serve(behind(name, sessions()));
    const path = script('header=Set-Cookie:net=1', 'header=Set-Cookie:net=2', ...steps);
    const answer = await request(url + path);
    const cookies = valuesOf(answer, 'Set-Cookie');
    expect(cookies.slice(0, 2)).toEqual(['net=1', 'net=2']);
    expect(cookies[2]).toMatch(/^connect\.sid=/);
    expect(answer.body).toBe(steps.length ? 'body' : '');
  });

  test('works together with compression', async () => {
    const { url } = await serve(behind(name, compression({ threshold: 0 }), sessions()));
    const path = script('header=Content-Type:text/plain', 'header=Set-Cookie:net=1', 'write=body');
    const answer = await request(url + path, { headers: gzip });
    expect(String(zlib.gunzipSync(answer.bytes))).toBe('body');
    expect(valuesOf(answer, 'Set-Cookie')).toHaveLength(2);
  });

  test('and errors go to next', async () => {
    const { url } = await serve(behind(name, compression(), sessions()));
    const answer = await request(`${url}/throw`, { headers: gzip });
    expect(answer.status).toBe(500);
    const body =
      answer.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(answer.bytes) : answer.bytes;
    expect(String(body)).toContain('thrown by the app');
  });
});

describe('events as they are written', () => {
  test('arrive behind compression when JavaScript flushes', async () => {
    const app = express().use(
      compression(),
      (_req, res, next) => {
        const { write } = res;
        res.write = (...args: unknown[]) => {
          const flows = write.apply(res, args as never);
          (res as unknown as { flush(): void }).flush();
          return flows;
        };
        next();
      },
      kitchen,
    );
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(
      script('header=Content-Type:text/event-stream', 'write=data: 1', 'flush', `await=${id}`),
      'Accept-Encoding: gzip',
    );
    await connection.until('\r\n\r\n');
    expect((await connection.bytes(20)).length).toBe(20);
    await note(id);
  });
});

describe('a logger that listens to the response', () => {
  /** What morgan does: status and length when the response has finished or its connection has closed. */
  function logging(): { log: string[]; logger: express.RequestHandler } {
    const log: string[] = [];
    const logger: express.RequestHandler = (req, res, next) => {
      res.on('finish', () => log.push(`finish ${req.method} ${req.originalUrl} ${res.statusCode}`));
      res.on('close', () => log.push(`close ${res.writableFinished}`));
      next();
    };
    return { log, logger };
  }

  test.each(Object.keys(mounting))('sees a response finish and close, in %s', async (name) => {
    const { log, logger } = logging();
    const { url } = await serve(behind(name, logger));
    await request(`${url}/status?n=201`);
    await request(`${url}/sse?n=3`);
    await expect
      .poll(() => log)
      .toEqual([
        'finish GET /status?n=201 201',
        'close true',
        'finish GET /sse?n=3 200',
        'close true',
      ]);
  });

  test('sees one that is cut off close', async () => {
    const { log, logger } = logging();
    const { url } = await serve(behind('express 5', logger));
    await request(`${url}/throw-after-write`).catch(() => undefined);
    await expect.poll(() => log).toEqual(['close false']);
    expect(reportedErrors()).toHaveLength(1);
  });

  test('finds headers of .NET in the response', async () => {
    let seen: unknown;
    const app = express().use((_req, res, next) => {
      res.on('finish', () => {
        seen = [res.getHeader('content-type'), res.getHeader('content-length')];
      });
      next();
    }, kitchen);
    const { url } = await serve(app);
    // A client that closes when it has its 30 bytes may be quicker than the end of the response.
    const agent = new http.Agent({ keepAlive: true });
    await request(`${url}/hello`, { agent });
    await expect.poll(() => seen).toEqual(['text/html', '30']);
  });
});

test('a timeout of JavaScript’s answers in place of a handler that takes too long', async () => {
  const id = topic();
  const { url } = await serve(
    express().use((_req, res, next) => {
      const timer = setTimeout(() => res.status(503).end('timed out'), 50);
      res.on('close', () => clearTimeout(timer));
      next();
    }, kitchen),
  );
  expect((await request(`${url}/cancelled-log?id=${id}`)).body).toBe('timed out');
  expect(await notes(id)).toEqual(['cancelled']);
});
