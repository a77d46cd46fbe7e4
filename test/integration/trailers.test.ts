import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { ask, secured, serveHttp2 } from '../support/http2.ts';
import { kitchen, lines, reportedErrors, script } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';

const chunked = (path: string, trailers: string, body = '2\r\nhi\r\n'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n${trailers}\r\n`;

describe('trailers of a chunked request', () => {
  test.each([
    ['a small body', '2\r\nhi\r\n', 'hi'],
    ['an empty body', '', ''],
  ])('come behind %s', async (_, body, text) => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(chunked('/trailers', 'X-Sum: 7\r\nX-Line: 1\r\nx-line: 2\r\n', body));
    expect(lines((await connection.response()).text)).toMatchObject({
      before: 'False',
      text,
      trailers: 'X-Sum:7|X-Line:1,2',
    });
  });

  test('come when the body has been read, not before', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    const whole = chunked('/duplex', 'X-Sum: 7\r\n', '4\r\none\n\r\n');
    connection.send(whole.slice(0, -12));
    await connection.until('got one\n');
    connection.send(whole.slice(-12));
    await connection.until('0\r\nX-Status: done\r\n\r\n');
  });

  test('are absent when there are none', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(chunked('/trailers', ''));
    expect(lines((await connection.response()).text)['trailers']).toBe('absent');
  });
});

describe('a Trailer header of a response that has no place for trailers', () => {
  const cases: [string, string, string][] = [
    ['one with a length', 'GET / HTTP/1.1', 'header=Content-Length:2'],
    // Without a write head and end come as one.
    ['one that is complete at once', 'GET / HTTP/1.1', 'status=200'],
    ['the answer to HEAD', 'HEAD / HTTP/1.1', ''],
    ['one without a body', 'GET / HTTP/1.1', 'status=204'],
    ['one of HTTP/1.0', 'GET / HTTP/1.0', ''],
  ];
  test.each(cases)('is left out: %s', async (_, line, step) => {
    const { port } = await serve(kitchen);
    const write = step.startsWith('status=') ? [] : ['write=hi'];
    const target = script('header=Trailer:X-Sum', ...(step ? [step] : []), ...write);
    const connection = await Connection.open(port);
    connection.send(`${line.replace('/', target)}\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const text = await connection.end();
    expect(text).toMatch(/^HTTP\/1\.1 20[04] /);
    expect(text).not.toMatch(/^trailer:/im);
  });
});

describe('trailers of a response on HTTP/1.1', () => {
  const wire = async (target: string, protocol = 'HTTP/1.1', method = 'GET') => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(`${method} ${target} ${protocol}\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return connection.end();
  };

  test.each([
    ['a body', 'text', '4\r\ntext\r\n'],
    ['no body', '', ''],
  ])('leave behind the last chunk of %s', async (_, body, chunks) => {
    const all = await wire(`/trailers?body=${body}&send=X-A:1&send=X-A:2&send=X-B:3`);
    expect(all).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
    expect(all.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(
      `${chunks}0\r\nX-A: 1\r\nX-A: 2\r\nX-B: 3\r\n\r\n`,
    );
  });

  test.each([
    ['a Content-Length', '/trailers?body=text&length=4&send=X-A:1', 'HTTP/1.1', 'GET', 'text'],
    ['a HEAD', '/trailers?body=text&send=X-A:1', 'HTTP/1.1', 'HEAD', ''],
  ])('have no place with %s', async (_, target, protocol, method, body) => {
    const all = await wire(target, protocol, method);
    expect(all.slice(all.indexOf('\r\n\r\n') + 4)).toBe(body);
  });

  test('do not exist on HTTP/1.0', async () => {
    expect(await wire('/trailers', 'HTTP/1.0')).toContain('mine=\n');
    expect(await wire('/trailers')).toContain('mine=0\n');
  });

  test('that are none are an error before anything has left', async () => {
    const all = await wire('/trailers?body=&send=Content-Length:1');
    expect(all).toMatch(/^HTTP\/1.1 500 /);
    expect(reportedErrors()[0]).toMatchObject({ code: 'ERR_OWIN_RESPONSE' });
  });

  test.each(['Set-Cookie:a=1', 'b c:1', 'X:\u0001'])(
    'that are none (%j) cut a response off that has begun',
    async (line) => {
      const all = await wire(`/trailers?body=text&send=${encodeURIComponent(line)}`);
      expect(all).not.toContain('0\r\n\r\n');
      expect(reportedErrors()[0]).toMatchObject({ code: 'ERR_OWIN_RESPONSE' });
    },
  );
});

describe.each(Object.keys(secured))('trailers on HTTP/2 over %s', (over) => {
  const serveBoth = () => serveHttp2(kitchen as never, secured[over] as boolean);
  const head = (path: string) => ({ ':path': path, ':method': 'POST' });

  test('of a request come behind its body', async () => {
    const { session } = await serveBoth();
    const sent = { 'x-sum': '7', 'x-line': ['1', '2'] };
    const { text } = await ask(session, head('/trailers'), ['hi'], sent);
    expect(lines(text)).toMatchObject({
      before: 'False',
      text: 'hi',
      trailers: 'x-sum:7|x-line:1,2',
    });
  });

  test.each(['text', ''])('of a response leave behind its body %j', async (body) => {
    const { session } = await serveBoth();
    const target = `/trailers?body=${body}&send=grpc-status:0&send=X-A:1&send=X-A:2`;
    const answer = await ask(session, head(target));
    expect([answer.status, answer.text]).toEqual([200, body]);
    expect(answer.trailers).toEqual(['grpc-status', '0', 'x-a', '1, 2']);
  });

  test('leave behind a Content-Length, too', async () => {
    const { session } = await serveBoth();
    const answer = await ask(session, head('/trailers?body=text&length=4&send=x:1'));
    expect([answer.headers['content-length'], answer.text]).toEqual(['4', 'text']);
    expect(answer.trailers).toEqual(['x', '1']);
  });

  test('that are not set are not sent', async () => {
    const { session } = await serveBoth();
    expect((await ask(session, { ':path': script('write=x') })).trailers).toEqual([]);
  });
});
