import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { Connection, type RawResponse } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';

/** A response, and what is answered to a second request behind it on the same connection. */
async function respond(
  app: Parameters<typeof serve>[0],
  target: string,
  method = 'GET',
  protocol = 'HTTP/1.1',
) {
  const { port } = await serve(app);
  const connection = await Connection.open(port);
  connection.send(`${method} ${target} ${protocol}\r\nHost: a\r\n\r\n`);
  const response = await connection.response({ bodiless: method === 'HEAD' });
  return { ...response, next: () => connection.get('/hello').response(), connection };
}

const framing = ({ headers }: RawResponse) => [
  headers.get('content-length')?.join() ?? null,
  headers.get('transfer-encoding')?.join() ?? null,
];

/** Node gets to the response when it is complete: the loop stands still while .NET answers. */
const late =
  (app: RequestListener): RequestListener =>
  (req, res) => {
    app(req, res);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150));
  };

/** The 500 of a response that cannot be sent, and what was wrong with it. */
async function refused(target: string): Promise<string> {
  const { status, text, head, next } = await respond(kitchen, target);
  expect([status, text]).toEqual([500, '']);
  expect(head).not.toContain('X-App');
  expect((await next()).status, 'the connection goes on').toBe(200);
  const [error, ...more] = reportedErrors();
  expect(more).toEqual([]);
  expect(error).toMatchObject({ name: 'OwinError', code: 'ERR_OWIN_RESPONSE' });
  return (error as Error).message;
}

/** What comes of a connection that must not look complete. */
async function cutOff(target: string): Promise<string> {
  const { port } = await serve(kitchen);
  const connection = await Connection.open(port);
  const all = await connection.get(target).end();
  expect(all).not.toMatch(/\r\n0\r\n\r\n$/);
  return all;
}

beforeAll(() => kitchen.ready);

describe.each(Object.keys(frontends))('framing in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test('nothing written: Content-Length 0', async () => {
    const response = await respond(app, script());
    expect(framing(response)).toEqual(['0', null]);
    expect((await response.next()).status).toBe(200);
  });

  test('a body that is complete at once: its Content-Length', async () => {
    const response = await respond(late(app), script('write=12345'));
    expect([...framing(response), response.text]).toEqual(['5', null, '12345']);
  });

  test('a streamed body: chunked', async () => {
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('write=12345', `await=${id}`, 'write=678'));
    expect(await connection.until('12345\r\n')).toContain('Transfer-Encoding: chunked');
    await noteThrough(port, id);
    expect(await connection.until('\r\n0\r\n\r\n')).toBe('3\r\n678\r\n0\r\n\r\n');
  });

  test('a streamed body of a known length: no chunks', async () => {
    const response = await respond(
      app,
      script('header=Content-Length:8', 'write=12345', 'flush', 'yield', 'write=678'),
    );
    expect([...framing(response), response.text]).toEqual(['8', null, '12345678']);
    expect((await response.next()).status).toBe(200);
  });

  test('only flushed: chunked or empty, and complete', async () => {
    const response = await respond(app, script('flush'));
    expect(response.text).toBe('');
    expect((await response.next()).status).toBe(200);
  });

  test.each([
    ['HEAD', script(), null],
    ['HEAD', script('write=12345'), null],
    ['HEAD', script('write=1', 'flush', 'yield', 'write=2'), null],
    ['HEAD', script('header=Content-Length:5', 'write=12345'), '5'],
    ['HEAD', script('header=Content-Length:5'), '5'],
    ['HEAD', script('header=Content-Length:5', 'write=1234567'), '5'],
    ['HEAD', script('header=Content-Length:100000', 'bytes=100000'), '100000'],
    ['HEAD', '/hello', '30'],
    ['GET', '/status?n=204', null],
    ['GET', '/status?n=304', null],
    ['GET', script('status=304', 'header=Content-Length:5'), '5'],
    ['GET', script('status=304', 'header=Content-Length:5', 'flush'), '5'],
    ['GET', '/status?n=205', '0'],
    ['HEAD', '/status?n=204', null],
    ['HEAD', '/status?n=304', null],
  ])('%s %s has the Content-Length %s and no body', async (method, target, length) => {
    const { status, next, connection, ...response } = await respond(app, target, method);
    expect(status).toBeLessThan(400);
    expect(framing({ status, ...response })).toEqual([length, null]);
    expect(connection.received).toBe('');
    expect((await next()).text, 'the next response begins at once').toContain('Hello');
  });

  test('HTTP/1.0: a streamed body ends with the connection', async () => {
    const response = await respond(
      app,
      script('write=12345', 'flush', 'yield', 'write=678'),
      'GET',
      'HTTP/1.0',
    );
    expect([...framing(response).slice(1), response.text]).toEqual([null, '12345678']);
    await response.connection.end();
  });

  test('HTTP/1.0: a whole body has a Content-Length, and keep-alive is kept where it was asked for', async () => {
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    for (let i = 0; i < 2; i++) {
      connection.send('GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      const response = await connection.response();
      expect(framing(response)).toEqual(['30', null]);
    }
  });
});

/** Notes something over the same server, which may be any frontend. */
async function noteThrough(port: number, of: string): Promise<void> {
  const connection = await Connection.open(port);
  await connection.get(`/note?of=${of}`).response();
  connection.destroy();
}

describe('more bytes than the Content-Length', () => {
  const length = 'header=Content-Length:3';

  test('in the first write: the write throws and the answer is 500', async () => {
    const { status, text, next } = await respond(
      kitchen,
      script(length, 'header=X-App:1', 'write=12345'),
    );
    expect([status, text]).toEqual([500, '']);
    expect((await next()).status).toBe(200);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('in the first write, caught: nothing of it has left and the app may write what fits', async () => {
    const id = topic();
    const response = await respond(
      kitchen,
      script(`id=${id}`, length, 'try', 'write=12345', 'write=123'),
    );
    expect([response.status, response.text]).toEqual([200, '123']);
    expect((await notes(id))[0]).toContain('System.InvalidOperationException');
  });

  test('in a later write: the write throws, the connection drops and the excess never leaves', async () => {
    const all = await cutOff(script(length, 'write=12', 'flush', 'yield', 'write=34'));
    expect(all.includes('34')).toBe(false);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('in a later write, caught: the connection drops all the same', async () => {
    const id = topic();
    expect(
      await cutOff(script(`id=${id}`, length, 'write=12', 'try', 'write=34', 'write=5')),
    ).not.toContain('34');
    expect((await notes(id))[0]).toContain('System.InvalidOperationException');
    expect(reportedErrors()).toHaveLength(1);
  });
});

describe('fewer bytes than the Content-Length', () => {
  test('none: 500', async () => {
    expect(await refused(script('header=Content-Length:3', 'header=X-App:1'))).toMatch(
      /fewer.*0 instead of 3/,
    );
  });

  test.each([
    ['some', ['write=12']],
    ['a flush', ['flush']],
    ['a flush on the wire', ['flush', 'await=WIRE']],
  ])('%s: the connection is destroyed', async (_, steps) => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    const id = topic();
    connection.get(
      script('header=Content-Length:3', ...steps.map((step) => step.replace('WIRE', id))),
    );
    if (steps.length > 1) await connection.until('\r\n\r\n');
    await noteThrough(port, id);
    const all = await connection.end();
    expect(all.replace(/^HTTP.*\r\n\r\n/s, '').length).toBeLessThan(3);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
  });
});

describe('Content-Length and Transfer-Encoding', () => {
  test('a lone chunked from the app is removed', async () => {
    const chunked = 'header=Transfer-Encoding:chunked';
    expect(framing(await respond(late(kitchen), script(chunked, 'write=12345')))).toEqual([
      '5',
      null,
    ]);
    const both = script(chunked, 'header=Content-Length:5', 'write=12345');
    expect(framing(await respond(kitchen, both))).toEqual(['5', null]);
    const streamed = script(chunked, 'write=12345', 'flush', 'await=never');
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    expect(await connection.get(streamed).until('\r\n\r\n')).toMatch(/Transfer-Encoding: chunked/i);
  });

  test.each(['gzip', 'gzip, chunked', 'identity', 'x'])(
    '%s from the app is refused',
    async (encoding) => {
      expect(await refused(script(`header=Transfer-Encoding:${encoding}`, 'write=x'))).toContain(
        'Transfer-Encoding',
      );
    },
  );

  test.each([
    ['complete', ['write=12345']],
    ['of a known length', ['header=Content-Length:5', 'write=123', 'flush', 'yield', 'write=45']],
    ['streamed', ['write=123', 'flush', 'yield', 'write=45']],
    ['empty', []],
  ])('set by JavaScript before are never both on the wire: %s', async (_, steps) => {
    const { next, ...response } = await respond(
      (req, res) => {
        if (req.url !== '/hello') res.setHeader('Transfer-Encoding', 'chunked');
        kitchen(req, res);
      },
      script(...steps),
    );
    expect(framing(response).filter((each) => each !== null)).toHaveLength(1);
    expect(response.text).toBe(steps.length === 0 ? '' : '12345');
    expect((await next()).status).toBe(200);
  });

  const lying: RequestListener = (req, res) => {
    if (req.url !== '/hello') res.setHeader('Content-Length', 3);
    kitchen(req, res);
  };

  test('a Content-Length set by JavaScript before does not frame what .NET writes at once', async () => {
    const { next, ...response } = await respond(late(lying), script('write=12345678'));
    expect([...framing(response), response.text]).toEqual(['8', null, '12345678']);
    expect((await next()).status).toBe(200);
  });

  test('a Content-Length set by JavaScript before does not frame what .NET streams', async () => {
    const { port } = await serve(lying);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('write=12345', `await=${id}`, 'write=678'));
    const head = await connection.until('\r\n\r\n');
    expect(head).toContain('Transfer-Encoding: chunked');
    expect(head).not.toContain('Content-Length');
    await noteThrough(port, id);
    expect(await connection.until('\r\n0\r\n\r\n')).toBe('5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n');
  });

  test.each([
    ['identical ones', ['5', '5']],
    ['and a null', ['5', '<hole>']],
  ])('Content-Length twice collapses: %s', async (_, values) => {
    const lengths = values.map((value) => `header=Content-Length:${value}`);
    expect(framing(await respond(kitchen, script(...lengths, 'write=12345')))).toEqual(['5', null]);
  });

  test.each([
    ['5', '6'],
    ['5', '5', '05'],
    ['five'],
    ['-5'],
    ['+5'],
    ['5.0'],
    ['5, 5'],
    ['0x5'],
    [' 5'],
    ['٥'],
    [''],
    ['99999999999999999999'],
  ])('Content-Length %j %j is refused', async (...values) => {
    const lengths = values
      .filter((each) => each !== undefined)
      .map((value) => `header=Content-Length:${value}`);
    expect(await refused(script(...lengths, 'header=X-App:1', 'write=12345'))).toContain(
      'Content-Length',
    );
  });

  test('Content-Length in two casings of a dictionary that knows the difference', async () => {
    const two = (...values: string[]) =>
      script(
        'headers=ordinal',
        ...values.map((value, i) => `header=${i ? 'content-length' : 'Content-Length'}:${value}`),
        'write=12345',
      );
    expect(framing(await respond(kitchen, two('5', '5')))).toEqual(['5', null]);
    expect(await refused(two('5', '6'))).toContain('Content-Length');
  });
});

describe('204 and 304 with a body', () => {
  test.each([204, 304])('%i: the write throws and nothing of it leaves', async (status) => {
    const id = topic();
    const steps = [
      `id=${id}`,
      `status=${status}`,
      'try',
      'write=body',
      'flush',
      'write=body',
      'write-sync=body',
    ];
    const { next, ...response } = await respond(kitchen, script(...steps));
    expect([response.status, ...framing(response)]).toEqual([status, null, null]);
    expect((await next()).text).toContain('Hello');
    const [first, , second, third] = await notes(id, 4);
    for (const each of [first, second, third])
      expect(each).toContain('System.InvalidOperationException');
  });

  test.each([204, 304])('%i: uncaught before the start it is a 500', async (status) => {
    expect((await respond(kitchen, script(`status=${status}`, 'write=body'))).status).toBe(500);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('204 with a Content-Length other than 0 is refused', async () => {
    expect(await refused(script('status=204', 'header=Content-Length:5'))).toMatch(
      /204.*Content-Length/,
    );
  });
});

describe('the status', () => {
  test.each([
    ['null:', 200],
    ['0', 200],
    ['long:0', 200],
    ['201', 201],
    ['long:202', 202],
    ['short:203', 203],
    ['byte:206', 206],
    ['ulong:404', 404],
    ['enum:Conflict', 409],
    ['599', 599],
    ['999', 999],
  ])('%s is sent as %i', async (value, status) => {
    expect((await respond(kitchen, script(`status=${value}`, 'write=x'))).status).toBe(status);
  });

  test.each([
    '1',
    '99',
    '100',
    '101',
    '103',
    '199',
    '-1',
    '-200',
    '1000',
    'long:4294967496',
    'ulong:18446744073709551615',
  ])('%s is refused', async (value) => {
    expect(await refused(script(`status=${value}`, 'write=x'))).toContain(
      'owin.ResponseStatusCode',
    );
  });

  test.each([
    ['text:200', 'System.String'],
    ['double:200', 'System.Double'],
  ])('%s is refused, naming its type', async (value, type) => {
    expect(await refused(script(`status=${value}`, 'write=x'))).toContain(type);
  });
});

describe.each(['express 5', 'node:http'])('the reason in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);
  const statusLine = async (...steps: string[]) =>
    (await respond(app, script(...steps))).head.split('\r\n')[0];

  test.each([
    ['text:Fine by Me', 'HTTP/1.1 200 Fine by Me'],
    ['text:', 'HTTP/1.1 200 OK'],
    ['text:   ', 'HTTP/1.1 200 OK'],
    ['null:', 'HTTP/1.1 200 OK'],
    ['text:Très bien', 'HTTP/1.1 200 Tr\xe8s bien'],
  ])('%j gives %j', async (reason, line) => {
    expect(await statusLine(`reason=${reason}`, 'write=x')).toBe(line);
    expect(await statusLine(`reason=${reason}`, 'flush', 'yield', 'write=x')).toBe(line);
  });

  test('is the standard one for the status otherwise', async () => {
    expect(await statusLine('status=404')).toBe('HTTP/1.1 404 Not Found');
    expect(await statusLine('status=599')).toMatch(/^HTTP\/1.1 599 \S/);
  });
});

describe('the reason', () => {
  test('that JavaScript set before is not that of .NET’s status', async () => {
    const { head } = await respond(
      (req, res) => {
        res.statusMessage = 'Set by JavaScript';
        kitchen(req, res);
      },
      script('status=404', 'write=x'),
    );
    expect(head).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test.each(['a\rb', 'a\nX-Injected: 1', 'a\0b', 'a\u0100b', '♪'])(
    '%j is refused',
    async (reason) => {
      expect(await refused(script(`reason=text:${reason}`, 'write=x'))).toContain(
        'owin.ResponseReasonPhrase',
      );
    },
  );

  test('that is no text is refused, naming its type', async () => {
    expect(await refused(script('reason=5', 'write=x'))).toContain('System.Int32');
  });
});

test('owin.ResponseProtocol is ignored', async () => {
  const { head } = await respond(kitchen, script('protocol=HTTP/1.0', 'write=x'));
  expect(head).toMatch(/^HTTP\/1.1 200/);
});
