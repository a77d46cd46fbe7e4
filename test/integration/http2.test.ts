import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import connect from 'connect';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { answerOf, ask, secured, serveHttp2 } from '../support/http2.ts';
import {
  allLetGo,
  kitchen,
  lines,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { answerOf as http1Answer } from '../support/request.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = http2.constants;

describe.each(Object.keys(secured))('HTTP/2 over %s', (over) => {
  const serve = (app: Parameters<typeof serveHttp2>[0] = kitchen) =>
    serveHttp2(app, secured[over] as boolean);

  test('shows protocol, scheme, target and host in the environment', async () => {
    const { session, port } = await serve();
    const { status, text } = await ask(session, { ':path': '/env?a=%20b' });
    expect(status).toBe(200);
    expect(lines(text)).toMatchObject({
      'owin.RequestProtocol': 'HTTP/2',
      'owin.RequestScheme': over === 'TLS' ? 'https' : 'http',
      'owin.RequestMethod': 'GET',
      'owin.RequestPath': '/env',
      'owin.RequestQueryString': 'a=%20b',
      'node.RawTarget': '/env?a=%20b',
      'server.RemoteIpAddress': '127.0.0.1',
      'server.LocalPort': String(port),
      'header:Host': `localhost:${port}`,
    });
  });

  test('drops pseudo headers, joins the crumbs of a cookie and keeps other lines apart', async () => {
    const { session } = await serve();
    const { text } = await ask(session, {
      ':path': '/env',
      cookie: ['a=1', 'b=2; c=3', 'd=4'],
      'x-line': ['one', 'two'],
    });
    const headers = text.split('\n').filter((line) => line.startsWith('header:'));
    expect(headers.filter((line) => line.startsWith('header::'))).toEqual([]);
    expect(headers.filter((line) => /^header:cookie=/i.test(line))).toEqual([
      'header:cookie=a=1; b=2; c=3; d=4',
    ]);
    expect(headers.filter((line) => line.startsWith('header:x-line='))).toEqual([
      'header:x-line=one',
      'header:x-line=two',
    ]);
  });

  test('takes the authority for the host, also against a Host line', async () => {
    const { session } = await serve();
    const both = { ':path': '/env', ':authority': 'first.example', host: 'second.example' };
    expect(lines((await ask(session, both)).text)['header:Host']).toBe('first.example');
  });

  test('answers behind connect, below a mount', async () => {
    const { session } = await serve(connect().use('/base', kitchen) as never);
    const { text } = await ask(session, { ':path': '/base/env' });
    expect(lines(text)).toMatchObject({
      'owin.RequestPathBase': '/base',
      'owin.RequestPath': '/env',
    });
  });

  test('goes on with next, and hears what came of it', async () => {
    const app = connect()
      .use(kitchen)
      .use((_req, res) => {
        res.statusCode = 202;
        res.end('from JavaScript');
      });
    const { session } = await serve(app as never);
    const id = topic();
    const { status, headers, text } = await ask(session, { ':path': `/next?id=${id}` });
    expect([status, text]).toEqual([202, 'from JavaScript']);
    expect(headers['x-before']).toBe('from .NET');
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(await notes(id)).toEqual(['none 202']);
  });

  test('sends no reason phrase', async () => {
    const { session } = await serve();
    const { status, text } = await ask(session, { ':path': '/status?n=418&reason=Teapot&body=x' });
    expect([status, text]).toEqual([418, 'x']);
  });

  test('streams a body as DATA while it is made', async () => {
    const { session } = await serve();
    const id = topic();
    const path = script(`id=${id}`, 'write=first', 'flush', `await=${id}:go`, 'write=second');
    const stream = session.request({ ':path': path });
    const answer = answerOf(stream);
    await once(stream, 'data');
    await ask(session, { ':path': `/note?of=${id}:go` });
    const { text, headers } = await answer;
    expect(text).toBe('firstsecond');
    expect(headers['content-length']).toBeUndefined();
    expect(headers['transfer-encoding']).toBeUndefined();
  });

  test('carries large bodies both ways', async () => {
    const { session } = await serve();
    const { text, headers } = await ask(session, { ':path': '/big?n=3000000' });
    expect(text.length).toBe(3_000_000);
    expect(text.charCodeAt(2_999_999)).toBe(2_999_999 % 251);
    expect(headers['content-length']).toBeUndefined();
    const part = 'x'.repeat(300_000);
    const sent = await ask(session, { ':path': '/sync-read', ':method': 'POST' }, [part, part]);
    expect(sent.text).toMatch(/^600000 /);
  });

  test.each(['GET', 'POST'])(
    'finds the body of a %s, which no header announces',
    async (method) => {
      const { session } = await serve();
      const head = { ':path': '/body', ':method': method };
      expect(lines((await ask(session, head, ['a b'])).text)).toMatchObject({
        null: 'False',
        text: 'a b',
      });
      expect(lines((await ask(session, head)).text)).toMatchObject({ null: 'True', text: '' });
    },
  );

  test('strips the headers of a connection', async () => {
    const { session } = await serve();
    const { status, headers } = await ask(session, {
      ':path': script(
        'header=Connection:close',
        'header=Keep-Alive:timeout=5',
        'header=Proxy-Connection:close',
        'header=Transfer-Encoding:chunked',
        'header=Upgrade:h2c',
        'header=TE:gzip',
        'header=HTTP2-Settings:x',
        'header=X-Kept:yes',
        'write=body',
      ),
    });
    expect(status).toBe(200);
    // A length is known where the body came before the head had left.
    const names = Object.keys(headers).filter((name) => !['date', 'content-length'].includes(name));
    expect(names.sort()).toEqual([':status', 'x-kept']);
  });

  test.each([
    [
      'a header that may have one line only',
      ['header=Content-Type:a/b', 'header=Content-Type:c/d'],
    ],
    ['a status it does not know', ['status=700']],
  ])('answers 500 to %s', async (_, steps) => {
    const { session } = await serve();
    const { status, text } = await ask(session, { ':path': script(...steps, 'write=x') });
    expect([status, text]).toEqual([500, '']);
    expect(reportedErrors()).toHaveLength(1);
    expect((await ask(session, { ':path': '/hello' })).status).toBe(200);
  });

  test('a reset cancels its own request and no other', async () => {
    const { session } = await serve();
    const [gone, stays] = [topic(), topic()];
    const stream = session.request({ ':path': `/cancelled-log?id=${gone}` });
    stream.on('error', () => {});
    const other = ask(session, {
      ':path': script(`id=${stays}`, `await=${stays}:go`, 'write=still here'),
    });
    await notes(`${gone}:waiting`);
    stream.close(NGHTTP2_CANCEL);
    expect(await notes(gone)).toEqual(['cancelled']);
    await ask(session, { ':path': `/note?of=${stays}:go` });
    expect((await other).text).toBe('still here');
    await allLetGo();
  });

  test('a reset cancels a HEAD as well', async () => {
    const { session } = await serve();
    const id = topic();
    const stream = session.request({ ':path': `/cancelled-log?id=${id}`, ':method': 'HEAD' });
    stream.on('error', () => {});
    await notes(`${id}:waiting`);
    stream.close(NGHTTP2_CANCEL);
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('an app that fails after the start resets its stream, not the connection', async () => {
    const { session } = await serve();
    const id = topic();
    const stream = session.request({
      ':path': script('write=begun', 'flush', `await=${id}`, 'throw=late'),
    });
    const answer = answerOf(stream);
    await once(stream, 'data');
    await ask(session, { ':path': `/note?of=${id}` });
    const { code, text } = await answer;
    expect([code, text]).toEqual([NGHTTP2_INTERNAL_ERROR, 'begun']);
    expect(reportedErrors()).toHaveLength(1);
    expect((await ask(session, { ':path': '/hello' })).status).toBe(200);
  });

  test('common.Disconnect resets its stream, not the connection', async () => {
    const { session } = await serve();
    const { code, status } = await ask(session, { ':path': script('disconnect') });
    expect([code, status]).toEqual([NGHTTP2_INTERNAL_ERROR, 0]);
    expect((await ask(session, { ':path': '/hello' })).status).toBe(200);
  });

  test('an upload that nobody reads ends with its response, and the connection goes on', async () => {
    const { session } = await serve();
    const stream = session.request({ ':path': '/hello', ':method': 'POST' });
    const answer = answerOf(stream);
    const part = Buffer.alloc(64 * 1024);
    const more = () => {
      while (!stream.destroyed && stream.write(part));
    };
    stream.on('drain', more);
    more();
    expect((await answer).status).toBe(200);
    expect((await ask(session, { ':path': '/hello' })).status).toBe(200);
    await allLetGo();
  });

  test('streams request and response at the same time', async () => {
    const { session } = await serve();
    const stream = session.request({ ':path': '/duplex', ':method': 'POST' });
    const answer = answerOf(stream);
    const next = async () => String(await once(stream, 'data'));
    expect(await next()).toBe('begun\n');
    for (const line of ['one', 'two', 'three']) {
      stream.write(`${line}\n`);
      expect(await next()).toBe(`got ${line}\n`);
    }
    stream.end();
    expect((await answer).trailers).toEqual(['x-status', 'done']);
  });

  test('answers many streams of one connection each for itself', async () => {
    const { session } = await serve();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        ask(session, { ':path': '/echo', ':method': 'POST' }, [`body ${i}`]),
      ),
    );
    expect(answers.map(({ text }) => text)).toEqual(answers.map((_, i) => `body ${i}`));
    await allLetGo();
  });
});

describe('a server of both', () => {
  test('answers HTTP/1.1 as well', async () => {
    const { port, ca } = await serveHttp2(kitchen as never);
    const req = https.get({ port, host: '127.0.0.1', path: '/env', ca, agent: false });
    const [res] = await once(req, 'response');
    expect(lines((await http1Answer(res)).body)).toMatchObject({
      'owin.RequestProtocol': 'HTTP/1.1',
      'owin.RequestScheme': 'https',
    });
  });

  test('answers 503 after close, without a header of HTTP/1', async () => {
    const handler = owin(appPath('Kitchen'));
    await handler.ready;
    await handler.close();
    const { session } = await serveHttp2(handler as never);
    const { status, headers } = await ask(session, { ':path': '/hello' });
    expect([status, headers.connection]).toEqual([503, undefined]);
  });
});
