import express from 'express';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe.each(Object.keys(frontends))('response headers in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test('go out line by line, in order, with the casing the app gave them', async () => {
    const { url } = await serve(app);
    const path = script(
      'header=X-One:1',
      'header=x-TWO:a, b',
      'header=x-TWO:c',
      'header=X-Empty:',
      'write=body',
    );
    const answer = await request(url + path);
    expect(answer.lines.filter(([each]) => /^x-(?!powered)/i.test(each))).toEqual([
      ['X-One', '1'],
      ['x-TWO', 'a, b'],
      ['x-TWO', 'c'],
      ['X-Empty', ''],
    ]);
  });

  test.each(['complete', 'streamed'])('keep latin-1 values in a %s response', async (how) => {
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    const steps = [
      'header=X-Latin:café ÿ',
      'write=body é',
      ...(how === 'streamed' ? ['flush', 'await=never'] : []),
    ];
    connection.get(script(...steps));
    const head = await connection.until('\r\n\r\n');
    expect(head).toContain('X-Latin: caf\xe9 \xff\r\n');
    expect(await connection.until('body \xc3\xa9')).toContain('body');
  });

  test('of Set-Cookie are a line for each element', async () => {
    const { url } = await serve(app);
    const answer = await request(
      url + script('header=Set-Cookie:a=1; Path=/', 'header=Set-Cookie:b=2', 'write=x'),
    );
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1; Path=/', 'b=2']);
  });

  test('null, without values and with a null value are skipped', async () => {
    const { url } = await serve(app);
    const path = script(
      'header=X-Null',
      'header=X-None:<none>',
      'header=X-Hole:a',
      'header=X-Hole:<hole>',
      'write=x',
    );
    const answer = await request(url + path);
    expect(valuesOf(answer, 'X-Null')).toEqual([]);
    expect(valuesOf(answer, 'X-None')).toEqual([]);
    expect(valuesOf(answer, 'X-Hole')).toEqual(['a']);
  });

  test.each(['Server: mine', 'Date: Thu, 01 Jan 1970 00:00:00 GMT', 'Connection: close'])(
    'may say %s instead of Node',
    async (line) => {
      const { url } = await serve(app);
      const [header, value] = line.split(/: (.*)/) as [string, string];
      const answer = await request(url + script(`header=${header}:${value}`, 'write=x'));
      expect(valuesOf(answer, header)).toEqual([value]);
    },
  );

  test('are many at once', async () => {
    const { url } = await serve(app);
    const many = Array.from({ length: 100 }, (_, i) => [`X-Header-${i}`, 'v'.repeat(i)] as const);
    const answer = await request(
      url + script(...many.map(([key, value]) => `header=${key}:${value}`), 'write=x'),
    );
    for (const [key, value] of many) expect(valuesOf(answer, key)).toEqual([value]);
  });
});

describe('response headers', () => {
  test('may be longer than a block of frames', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.get('/long-header?n=300000');
    const { headers } = await connection.response();
    expect(headers.get('x-long')?.[0]).toHaveLength(300_000);
  });

  test('are the response’s own: what JavaScript appends to them is in no other response', async () => {
    const links = script('header=Link:<a>', 'header=Link:<b>', 'write=x');
    const { url } = await serve((req, res) => {
      const { writeHead } = res;
      res.writeHead = (...args: unknown[]) => {
        res.appendHeader('Link', '<of one request only>');
        return writeHead.apply(res, args as never);
      };
      kitchen(req, res);
    });
    for (let i = 0; i < 3; i++)
      expect(valuesOf(await request(url + links), 'Link')).toEqual([
        '<a>',
        '<b>',
        '<of one request only>',
      ]);
  });

  test('that Node refuses beside those of JavaScript are a 500 without them', async () => {
    const { url } = await serve((req, res) => {
      if (req.url !== '/hello') res.setHeader('Trailer', 'X-Checksum');
      kitchen(req, res);
    });
    const answer = await request(url + script('header=Content-Length:1', 'write=x'));
    expect([answer.status, answer.body]).toEqual([500, '']);
    expect(valuesOf(answer, 'Trailer')).toEqual([]);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_HTTP_TRAILER_INVALID' }]);
    expect((await request(`${url}/hello`)).status).toBe(200);
  });

  test.each(['__proto__', 'constructor', 'toString'])('may be called %s', async (name) => {
    const { url } = await serve(express().use(kitchen));
    expect(valuesOf(await request(url + script(`header=${name}:1`, 'write=x')), name)).toEqual([
      '1',
    ]);
  });
});

describe('headers that JavaScript set before', () => {
  test('and removed again do not stand in the way of several lines', async () => {
    const { url } = await serve((req, res) => {
      res.setHeader('X-Js', '1');
      res.removeHeader('X-Js');
      kitchen(req, res);
    });
    const path = script(
      'header=Set-Cookie:a=1',
      'header=Set-Cookie:b=2',
      'header=X-Two:1',
      'header=X-Two:2',
      'write=x',
    );
    const answer = await request(url + path);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(valuesOf(answer, 'X-Two')).toEqual(['1', '2']);
  });

  const before = express().disable('x-powered-by');
  before.use((_req, res, next) => {
    res.setHeader('X-Js', 'stays');
    res.setHeader('X-Both', ['js 1', 'js 2']);
    res.setHeader('Set-Cookie', 'js=1');
    res.setHeader('Vary', 'Origin');
    next();
  });
  before.use(kitchen);

  test.each([
    ['complete', []],
    ['streamed', ['flush', 'yield', 'write=more']],
  ])('stay, are replaced by .NET’s of the same name, and are appended to: %s', async (_, rest) => {
    const { url } = await serve(before);
    const path = script(
      'header=x-both:net',
      'header=Set-Cookie:net=2',
      'header=Vary:Accept',
      'write=body',
      ...rest,
    );
    const answer = await request(url + path);
    expect(valuesOf(answer, 'X-Js')).toEqual(['stays']);
    expect(answer.lines.filter(([name]) => /^x-both$/i.test(name))).toEqual([['x-both', 'net']]);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['js=1', 'net=2']);
    expect(valuesOf(answer, 'Vary')).toEqual(['Origin', 'Accept']);
  });

  test('stay without any of .NET’s', async () => {
    const { url } = await serve(before);
    const answer = await request(`${url}/status?n=204`);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['js=1']);
    expect(valuesOf(answer, 'X-Both')).toEqual(['js 1', 'js 2']);
  });

  test('are not in .NET’s dictionary, which starts empty', async () => {
    const { url } = await serve(before);
    expect((await request(`${url}/header-dictionary?of=response`)).body).toContain(
      'countBefore=0\n',
    );
  });

  test.each(['express 5', 'express 4'])(
    'X-Powered-By of %s leaves several Set-Cookie lines alone',
    async (name) => {
      const { url } = await serve((frontends[name] as (typeof frontends)[string])(kitchen));
      const answer = await request(
        url + script('header=Set-Cookie:a=1', 'header=Set-Cookie:b=2', 'write=x'),
      );
      expect(valuesOf(answer, 'X-Powered-By')).toEqual(['Express']);
      expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    },
  );

  test('X-Powered-By can be replaced', async () => {
    const { url } = await serve(express().use(kitchen));
    const answer = await request(url + script('header=X-Powered-By:.NET', 'write=x'));
    expect(valuesOf(answer, 'X-Powered-By')).toEqual(['.NET']);
  });
});

describe.each(['express 5', 'node:http'])('hostile headers in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([
    ['a CR', 'X-Bad:a\rb'],
    ['an LF', 'X-Bad:a\nb'],
    ['a CRLF and a header', 'X-Bad:a\r\nX-Injected: yes'],
    ['a NUL', 'X-Bad:a\0b'],
    ['an escape', 'X-Bad:a\u001bb'],
    ['a DEL', 'X-Bad:a\x7fb'],
    ['U+0100', 'X-Bad:a\u0100b'],
    ['U+010A, which ends in the byte of an LF', 'X-Bad:a\u010ab'],
    ['an emoji', 'X-Bad:🎷'],
    ['a name that is empty', ':a'],
    ['a name with a space', 'X Bad:a'],
    ['a name with a CRLF', 'X-Bad\r\nX-Injected:a'],
    ['a name with an é', 'X-Bäd:a'],
    ['a name with a NUL', 'X\0Bad:a'],
    ['a name in parentheses', '(X):a'],
  ])('are answered 500 and never split: %s', async (_, header) => {
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    connection.get(script('header=X-Good:1', `header=${header}`, 'write=body'));
    const { status, head } = await connection.response();
    expect(status).toBe(500);
    expect(head).not.toMatch(/X-(Good|Bad|Injected)/i);
    const reported = reportedErrors();
    if (name === 'node:http') expect(reported).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
    connection.get('/hello');
    expect((await connection.response()).text, 'the connection goes on').toContain('Hello');
  });

  test('throw from the Write that would send them, and the app may answer otherwise', async () => {
    const { url } = await serve(app);
    const id = topic();
    const path = script(
      `id=${id}`,
      'header=X-Bad:a\nb',
      'try',
      'write=first',
      'header=X-Bad',
      'write=second',
    );
    expect((await request(url + path)).body).toBe('second');
    expect((await notes(id))[0]).toMatch(/X-Bad.*U\+000A/);
  });
});

describe('the response dictionary', () => {
  test('may be replaced by another', async () => {
    const { url } = await serve(kitchen);
    const answer = await request(
      url + script('headers=ordinal', 'header=X-Mine:1', 'header=Set-Cookie:a', 'write=x'),
    );
    expect(valuesOf(answer, 'X-Mine')).toEqual(['1']);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a']);
  });

  test.each(['null', 'removed'])('%s sends no headers of the app', async (by) => {
    const { url } = await serve(kitchen);
    const answer = await request(url + script('header=X-Mine:1', `headers=${by}`, 'write=x'));
    expect(valuesOf(answer, 'X-Mine')).toEqual([]);
    expect(answer.body).toBe('x');
  });

  test('of another type is answered 500', async () => {
    const { url } = await serve(kitchen);
    expect((await request(url + script('headers=list', 'write=x'))).status).toBe(500);
    expect(reportedErrors()[0]?.message).toContain('System.Collections.Generic.List');
  });

  test.each([
    ['complete', ['write=body']],
    ['streamed', ['write=body', 'flush']],
    ['a single flush', ['flush']],
  ])(
    'throws when it is changed after the start, and nothing changes on the wire: %s',
    async (_, writes) => {
      const { url } = await serve(kitchen);
      const id = topic();
      const late = ['header=X-Late:1', 'header=X-Early:2', 'status=500', 'reason=Late'];
      const answer = await request(
        url + script(`id=${id}`, 'header=X-Early:1', ...writes, 'try', ...late),
      );
      expect([answer.status, answer.reason]).toEqual([200, 'OK']);
      expect(valuesOf(answer, 'X-Late')).toEqual([]);
      expect(valuesOf(answer, 'X-Early')).toEqual(['1']);
      const [first, second] = await notes(id, 4);
      expect(first).toContain('System.InvalidOperationException');
      expect(second).toContain('System.InvalidOperationException');
    },
  );

  test('throws so too under a dictionary that the app put around it', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const answer = await request(
      url +
        script(
          `id=${id}`,
          'headers=wrapped',
          'header=X-Early:1',
          'flush',
          'try',
          'header=X-Late:1',
        ),
    );
    expect(valuesOf(answer, 'X-Early')).toEqual(['1']);
    expect((await notes(id))[0]).toContain('System.InvalidOperationException');
  });
});
