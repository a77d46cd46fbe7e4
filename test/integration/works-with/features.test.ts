// What takes more than one request, or is different each time: of both servers the same is expected.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bothSides, type Side, sides } from '../../support/both.ts';
import { answerOf as answerOfStream, ask } from '../../support/http2.ts';
import { type Answer, type RequestOptions, request } from '../../support/request.ts';
import { serve } from '../../support/serve.ts';
import { Client } from '../../support/web-socket.ts';

const both = bothSides();

/** A client that keeps cookies. */
class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly base: string) {}

  async get(target: string, options: RequestOptions = {}): Promise<Answer> {
    const Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(options.headers as object), ...(Cookie && { Cookie }) };
    const answer = await request(this.base + target, { ...options, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  post(target: string, body = '', headers = {}): Promise<Answer> {
    return this.get(target, { method: 'POST', body, headers });
  }

  form(target: string, fields: Record<string, string>): Promise<Answer> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.post(target, new URLSearchParams(fields).toString(), headers);
  }
}

describe.each(sides)('under %s', (side: Side) => {
  let browser: Browser;
  beforeAll(() => {
    browser = new Browser(both.url[side]);
  });
  const fresh = () => new Browser(both.url[side]);

  test('a session is a visitor’s own', async () => {
    const [one, two] = [fresh(), fresh()];
    const visits = [];
    for (const each of [one, one, two, one]) visits.push((await each.get('/visits')).body);
    expect(visits).toEqual(['1', '2', '1', '3']);
    expect([...one.cookies.keys()]).toEqual(['.AspNetCore.Session']);
  });

  test('a cookie signs in, until it is given back', async () => {
    const visitor = fresh();
    const { status, headers } = await visitor.get('/me');
    expect([status, headers.location]).toEqual([
      302,
      `${both.url[side]}/Account/Login?ReturnUrl=%2Fme`,
    ]);
    await visitor.post('/sign-in?name=Ella');
    expect((await visitor.get('/me')).body).toBe('Ella');
    expect((await visitor.get('/ella')).body).toBe('Ella');
    await visitor.post('/sign-out');
    expect((await visitor.get('/me')).status).toBe(302);
    await visitor.post('/sign-in?name=Louis');
    expect((await visitor.get('/ella')).headers.location).toContain('/Account/AccessDenied');
  });

  test('a form passes with its token, and with no other', async () => {
    const visitor = fresh();
    const { body: token } = await visitor.get('/token');
    const fields = { name: 'Ella', __RequestVerificationToken: token };
    expect((await visitor.form('/guarded', fields)).body).toBe('not forged: Ella');
    expect((await visitor.form('/guarded', { name: 'Ella' })).status).toBe(400);
    expect((await fresh().form('/guarded', fields)).status).toBe(400);
  });

  test('a Razor page takes its form, and shows once what it kept for the next', async () => {
    const visitor = fresh();
    const page = await visitor.get('/greeting');
    const [, token = ''] = page.body.match(/__RequestVerificationToken".* value="([^"]+)"/) ?? [];
    const fields = { Name: 'Ella', __RequestVerificationToken: token };
    const posted = await visitor.form('/greeting', fields);
    expect([posted.status, posted.headers.location]).toEqual([302, '/greeting']);
    expect((await visitor.get('/greeting')).body).toContain('<p>Good day, Ella</p>');
    expect((await visitor.get('/greeting')).body).toContain('<p></p>');
  });

  test('output is cached until it is evicted', async () => {
    const first = await browser.get('/cached');
    expect(first.headers).not.toHaveProperty('age');
    const second = await browser.get('/cached');
    expect(second.body).toBe(first.body);
    expect(second.headers.age).toMatch(/^\d+$/);
    await browser.post('/evict');
    expect((await browser.get('/cached')).body).not.toBe(first.body);
  });

  test('more requests than the rate allows are refused', async () => {
    const of = side;
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await browser.get(`/limited?of=${of}`)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await browser.get(`/limited?of=others-than-${of}`)).status).toBe(200);
  });

  test('a hosted service does its work', async () => {
    expect((await browser.post('/work?number=12')).body).toBe('144');
  });

  test('services of a request’s scope are its own', async () => {
    expect((await browser.get('/scoped')).body).toBe('true');
  });

  test('a file is not sent again to who has it', async () => {
    const { headers } = await browser.get('/static/hello.txt');
    const has = { 'If-Modified-Since': headers['last-modified'] as string };
    expect((await browser.get('/static/hello.txt', { headers: has })).status).toBe(304);
    const tagged = { 'If-None-Match': headers.etag as string };
    expect((await browser.get('/static/hello.txt', { headers: tagged })).status).toBe(304);
  });

  test('a component is rendered before it is interactive, and once more when its data has come', async () => {
    expect((await browser.get('/counter')).body).toContain('<p>Count 0</p>');
    expect((await browser.get('/slow')).body).toMatch(/<p>Wait<\/p>.*<p>Here it is<\/p>/s);
  });

  test('events arrive as they come, and their end is noticed', async () => {
    const left = Number((await browser.get('/events/left')).body);
    const res = await responseOf(`${both.url[side]}/events`);
    expect(res.headers['content-type']).toBe('text/event-stream');
    const [first] = (await once(res, 'data')) as [Buffer];
    expect(first.toString()).toBe('event: greeting\ndata: welcome\nid: 0\n\n');
    res.destroy();
    await expect.poll(async () => (await browser.get('/events/left')).body).toBe(`${left + 1}`);
  });

  test('a body goes both ways at once over HTTP/1.1', async () => {
    const req = http.request(`${both.url[side]}/duplex`, { method: 'POST', agent: false });
    req.flushHeaders();
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    res.setEncoding('utf8');
    for (const word of ['one', 'two']) {
      req.write(`${word}\n`);
      expect(await once(res, 'data')).toEqual([`${word.toUpperCase()}\n`]);
    }
    req.end();
    res.resume();
    await once(res, 'end');
  });

  test('WebSockets echo, agree on a protocol and close with a reason', async () => {
    const url = `${both.url[side].replace('http', 'ws')}/web-socket`;
    const client = await Client.open(url, ['first', 'second']);
    expect(client.socket.protocol).toBe('first');
    for (const message of ['hello', 'x'.repeat(100_000), Buffer.from([0, 1, 255])]) {
      client.socket.send(message);
      expect(await client.message()).toEqual(message);
    }
    client.socket.close(3456, 'over');
    expect(await client.closed).toEqual({ code: 3456, reason: 'over' });
  });
});

describe('what one server has protected', () => {
  test.each([
    ['Kestrel', 'owin'],
    ['owin', 'Kestrel'],
  ] as const)('%s for %s is read by the other', async (from, to) => {
    const { body } = await request(`${both.url[from]}/protect?text=secret`);
    expect(body).not.toContain('secret');
    const read = await request(`${both.url[to]}/unprotect?text=${body}`);
    expect(read.body).toBe('secret');
  });

  test('as a cookie signs in at the other', async () => {
    const at = new Browser(both.url.Kestrel);
    await at.post('/sign-in?name=Ella');
    const visitor = new Browser(both.url.owin);
    for (const [name, value] of at.cookies) visitor.cookies.set(name, value);
    expect((await visitor.get('/me')).body).toBe('Ella');
  });
});

describe.each(sides)('over HTTP/2 under %s', (side: Side) => {
  let session: http2.ClientHttp2Session;
  let server: http2.Http2Server | undefined;
  beforeAll(async () => {
    let url = both.http2;
    if (side === 'owin') {
      server = http2.createServer(both.handler as never).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    }
    session = http2.connect(url);
  });
  afterAll(() => {
    session.close();
    server?.close();
  });

  test('a body goes both ways at once, with trailers at the end', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/duplex' });
    const answered = answerOfStream(stream);
    for (const word of ['one', 'two', 'three']) {
      stream.write(`${word}\n`);
      await once(stream, 'data');
    }
    stream.end();
    const { status, text, trailers, code } = await answered;
    expect([status, text, code]).toEqual([200, 'ONE\nTWO\nTHREE\n', 0]);
    expect(trailers).toEqual(['x-lines', '3']);
  });

  test('trailers of the request are there when its body is read', async () => {
    const headers = { ':method': 'POST', ':path': '/request-trailers' };
    const stream = session.request(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '17' }));
    const answered = answerOfStream(stream);
    await once(stream, 'data');
    stream.end('body');
    expect((await answered).text).toBe('True not there 17');
  });

  test('the request says what it is', async () => {
    const { text } = await ask(session, { ':path': '/request/a%2Fb?c=d', ':authority': 'shop' });
    expect(text.split('\n').slice(0, 6)).toEqual([
      'GET',
      'http',
      'HTTP/2',
      '',
      '/request/a%2Fb',
      '?c=d',
    ]);
  });

  test('a session and a cookie work', async () => {
    const first = await ask(session, { ':path': '/visits' });
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    const [crumb] = cookie.split(';');
    expect((await ask(session, { ':path': '/visits', cookie: crumb })).text).toBe('2');
  });
});

describe('mounted by express', () => {
  const at = (target: string, options?: RequestOptions) => request(both.mounted + target, options);

  test('the mount path is the path base', async () => {
    const lines = (await at('/request/a%2Fb?x')).body.split('\n');
    expect(lines.slice(3, 6)).toEqual(['/mounted', '/request/a%2Fb', '?x']);
  });

  test('links, redirects and cookies stay below it', async () => {
    expect((await at('/redirect')).headers.location).toBe('/mounted/hello');
    const login = (await at('/me')).headers.location;
    expect(login).toBe(`${both.mounted}/Account/Login?ReturnUrl=%2Fmounted%2Fme`);
    const view = (await at('/home/index/x')).body;
    expect(view).toContain('href="/mounted/Home/Index/link"');
    expect(view).toContain('src="/mounted/hello.txt"');
    const [cookie] =
      (await at('/sign-in?name=Ella', { method: 'POST' })).headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; path=\/mounted;/);
    const created = await at('/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"quantity":3,"article":"tea"}',
    });
    expect(created.headers.location).toBe(`${both.mounted}/api/orders/3`);
  });

  test('OpenAPI names the mounted address', async () => {
    const { servers } = JSON.parse((await at('/openapi/v1.json')).body);
    expect(servers).toEqual([{ url: both.mounted }]);
  });

  test('what the app throws goes to its error handlers', async () => {
    const app = express().use(both.handler as RequestHandler);
    const seen: Error[] = [];
    app.use(((error, _req, res, _next) => {
      seen.push(error);
      res.status(503).end();
    }) as ErrorRequestHandler);
    const { url } = await serve(app);
    expect((await request(`${url}/throw`)).status).toBe(503);
    expect(seen).toMatchObject([
      { name: 'System.InvalidOperationException', message: 'thrown by the app' },
    ]);
  });

  test('static files are below it', async () => {
    expect((await at('/static/hello.txt')).body).toBe('Hello from a file\n');
  });
});

async function responseOf(url: string): Promise<http.IncomingMessage> {
  const req = http.get(url, { agent: false });
  req.on('error', () => {});
  const [res] = (await once(req, 'response')) as [http.IncomingMessage];
  res.on('error', () => {});
  return res;
}
