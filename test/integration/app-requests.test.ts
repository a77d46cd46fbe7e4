import { once } from 'node:events';
import http from 'node:http';
import connect from 'connect';
import express from 'express';
import owin, { type AppOptions, type Handler } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { allLetGo, kitchen, notes, reportedErrors, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const url = (target: string): string => `http://node${target}`;
const forward = (to: string, more = ''): string => `/forward?url=${encodeURIComponent(to)}${more}`;

/** An express app with routes of its own, and the kitchen in it. */
function app(handler: Handler = kitchen): express.Express {
  const outer = express();
  outer.get('/js', (req, res) => {
    res.cookie('a', '1').cookie('b', '2').set('X-Host', req.get('host')).status(203);
    res.set('X-Got', req.get('x-given')).send('from JavaScript');
  });
  outer.post('/js/echo', (req, res) => void req.pipe(res));
  outer.post('/js/length', (req, res) => void res.send(req.get('content-length') ?? 'none'));
  outer.get('/js/never', (req, res) => {
    closed = once(res, 'close');
    reached(req);
  });
  outer.get('/js/endless', (_req, res) => {
    closed = once(res, 'close');
    const more = () => {
      while (!res.destroyed && res.write(Buffer.alloc(64 * 1024)));
    };
    res.on('drain', more);
    more();
  });
  outer.get('/js/cut', (_req, res) => {
    res.write('begun');
    setImmediate(() => res.destroy());
  });
  outer.get('/js/words', (req, res) => {
    res.send([req.get('user-agent'), req.get('accept')].join('|'));
  });
  outer.get('/js/begun', (_req, res) => void res.write('begun'));
  outer.get('/js/dropped', (_req, res) => void res.destroy());
  outer.get('/js/trailers', (_req, res) => {
    res.set('Trailer', 'X-End').write('body');
    res.addTrailers({ 'X-End': 'yes' });
    res.end();
  });
  outer.use('/inner', express().use(handler));
  outer.use(handler);
  return outer;
}

let closed: Promise<unknown>;
let reached: (req: http.IncomingMessage) => void = () => {};

/** A handler of its own, which no request has come to. */
function fresh(options?: AppOptions): Handler {
  const handler = owin(appPath('Kitchen'), options);
  onTestFinished(() => handler.close());
  return handler;
}

describe('a request by node.HttpMessageHandler', () => {
  test('runs through the express app, and brings status, reason, header lines and body', async () => {
    const base = (await serve(app())).url;
    const answer = await request(base + forward(url('/js')), { headers: { 'X-Given': 'x' } });
    expect([answer.status, answer.body]).toEqual([203, 'from JavaScript']);
    expect(answer.headers).toMatchObject({ 'x-host': 'node', 'x-got': 'x' });
    expect(valuesOf(answer, 'Set-Cookie')).toHaveLength(2);
  });

  test('may come back to .NET, and goes to the outermost app', async () => {
    const base = (await serve(app(fresh()))).url;
    const inner = await request(base + '/inner' + forward(url('/hello')));
    expect([inner.status, inner.body]).toEqual([200, '<p>Hello, world from .NET!</p>']);
    expect((await request(base + forward(url('/inner/nowhere')))).status).toBe(404);
  });

  test.each(['', '&small'])('carries a body %s', async (how) => {
    const base = (await serve(app())).url;
    const post = { method: 'POST', body: 'text' };
    expect((await request(base + forward(url('/js/echo'), how), post)).body).toBe('text');
    const length = await request(base + forward(url('/js/length'), how), post);
    expect(length.body).toBe(how ? '4' : 'none');
  });

  test('streams 20 MB both ways at once', async () => {
    const base = (await serve(app())).url;
    const body = Buffer.alloc(20_000_000, 'owin');
    const answer = await request(base + forward(url('/js/echo')), { method: 'POST', body });
    expect(answer.bytes.equals(body)).toBe(true);
  });

  test('ends in JavaScript when it is cancelled before the response', async () => {
    const base = (await serve(app())).url;
    const id = topic();
    const arrived = new Promise((resolve) => (reached = resolve));
    const client = http.get(base + forward(url('/js/never'), `&id=${id}`));
    client.on('error', () => {});
    await arrived;
    client.destroy();
    await closed;
    expect(await notes(id)).toEqual(['TaskCanceledException']);
    await allLetGo();
  });

  test('ends in JavaScript when its response is left unread', async () => {
    const base = (await serve(app())).url;
    const answer = await request(base + forward(url('/js/endless'), '&take=100000'));
    expect(answer.body).toBe('took 100000');
    await closed;
    await allLetGo();
  });

  test('throws HttpRequestException where no response comes, or none of it whole', async () => {
    const base = (await serve(app())).url;
    const dropped = await request(base + forward(url('/js/dropped')));
    expect(dropped.status).toBe(502);
    expect(dropped.body).toMatch(
      /^System.Net.Http.HttpRequestException: GET http:\/\/node\/js\/drop/,
    );
    expect(dropped.body).toContain('Owin.Host.Functions.JsException: ');
    const id = topic();
    const cut = request(base + forward(url('/js/cut'), `&id=${id}`));
    await expect(cut).rejects.toThrow();
    expect(await notes(id)).toEqual(['HttpRequestException']);
    expect(reportedErrors()).toHaveLength(1);
  });

  test('may set on its socket what it would on another', async () => {
    const { url: base } = await serve(
      express()
        .get('/js/sse', (req, res) => {
          req.setTimeout(0);
          res.setTimeout(0);
          req.socket.setTimeout(0).setNoDelay(true).setKeepAlive(true).unref().ref();
          res.send(JSON.stringify(req.socket.address()));
        })
        .use(app(fresh())),
    );
    const { status, body } = await request(base + forward(url('/js/sse')));
    expect([status, body]).toEqual([200, '{}']);
  });

  test('to an app that throws is an error, and nothing else', async () => {
    const handler = fresh({
      app: () => {
        throw new Error('thrown by the app');
      },
    });
    const { url: base } = await serve(handler);
    expect((await request(base + forward(url('/js')))).body).toContain('thrown by the app');
  });

  test('has one line for the values of a header, as HttpClient writes them', async () => {
    const base = (await serve(app())).url;
    const { body } = await request(base + forward(url('/js/words')));
    expect(body).toBe('Kitchen/1.0 (a comment) Forward/2|text/html, */*; q=0.1');
  });

  test.each([
    ['of a response that is cut off', '/js/cut', 'HttpRequestException HttpRequestException'],
    ['after a read was cancelled', '/js/begun', 'TaskCanceledException HttpRequestException'],
    ['of a whole one', '/js', 'end end'],
  ])('has no end by mistake: %s', async (_, target, ends) => {
    const base = (await serve(app())).url;
    const cancel = target === '/js/begun' ? '&cancel' : '';
    const past = forward(url(target), cancel).replace('forward', 'forward-past');
    expect((await request(base + past)).body).toBe(`${ends} ObjectDisposedException`);
    await allLetGo();
  });

  test('refuses an upgrade', async () => {
    const base = (await serve(app())).url;
    const answer = await request(base + forward('ws://node/js'));
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining("'ws'")]);
  });

  test('brings trailers', async () => {
    const base = (await serve(app())).url;
    const req = http.get(base + forward(url('/js/trailers')), { agent: false });
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    await once(res.resume(), 'end');
    expect(res.trailers).toEqual({ 'x-end': 'yes' });
  });
});

describe('the handler that sends it', () => {
  test('is one for all requests, and cannot be disposed of', async () => {
    const base = (await serve(app())).url;
    for (let i = 0; i < 3; i++) expect((await request(`${base}/same-handler`)).body).toBe('True');
    expect((await request(base + forward(url('/js')))).status).toBe(203);
  });

  test('says what to do where no app is known, and takes that of the option', async () => {
    const without = fresh();
    const { body } = await request((await serve(connect().use(without))).url + forward(url('/js')));
    expect(body).toContain("owin()'s option app");
    const front: http.RequestListener = (req, res) => void res.end(`front ${req.url}`);
    const given = fresh({ app: front });
    expect(await (await given.fetch(forward(url('/a?b')))).text()).toBe('front /a?b');
  });

  test('lets go of what is under way when it is closed', async () => {
    const handler = fresh({ fallthrough: false });
    const base = (await serve(app(handler))).url;
    const arrived = new Promise((resolve) => (reached = resolve));
    const answer = request(base + forward(url('/js/never')));
    await arrived;
    await handler.close({ drain: 0 });
    expect((await answer).status).toBe(503);
    await closed;
  });
});

describe('the client "node" of IHttpClientFactory', () => {
  /** The client's answer, in an app that configures its clients as `--client` says. */
  async function answerOf(client: string, target: string): Promise<string> {
    const handler = owin(appPath('AspNetHttp'), { args: [`--client=${client}`] });
    onTestFinished(() => handler.close());
    const outer = express();
    outer.get(['/js', '/base/js'], (req, res) => {
      const given = ['x-client', 'x-handler'].map((name) => req.get(name) ?? '');
      res.send(['from JavaScript', req.get('host'), req.path, ...given].join(' '));
    });
    const { url: base } = await serve(outer.use('/net', handler));
    const { status, body } = await request(`${base}/net/client?target=${target}`);
    expect(status).toBe(200);
    return body.trim();
  }

  test('goes through the express app', async () => {
    expect(await answerOf('', 'js')).toBe('from JavaScript node /js');
  });

  test('has what the app has configured for it', async () => {
    const all = 'from JavaScript shop /base/js configured marked';
    expect(await answerOf('composed', 'js')).toBe(all);
  });

  test('is left to the app where that gives it a primary handler', async () => {
    expect(await answerOf('own', 'js')).toBe("the app's own answer to http://node/js");
  });

  test('has what the app gives all clients, but not their primary handler', async () => {
    expect(await answerOf('defaults', 'js')).toBe('from JavaScript node /js  marked');
  });
});
