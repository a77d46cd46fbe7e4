import type http from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  flushHead,
  mergeHeaders,
  parseHeaders,
  setHead,
  unsetHead,
} from '../../../src/http/response-head.ts';
import { Connection, type RawResponse } from '../../support/connection.ts';
import { serve } from '../../support/serve.ts';

/** A block as .NET sends it. */
const block = (...lines: [name: string, value: string][]) => lines.flat().join('\0');

interface Head {
  status?: number;
  reason?: string;
  headers?: string;
  contentLength?: number;
  method?: string;
}

/** What a client gets of a head, after `before` has had the response. */
async function answer(
  head: Head,
  before: (res: http.ServerResponse) => void = () => {},
): Promise<RawResponse> {
  const { status = 200, reason = '', headers = '', contentLength, method = 'GET' } = head;
  const { port } = await serve((req, res) => {
    res.sendDate = false;
    before(res);
    const about = { res, isHead: req.method === 'HEAD', http2: false };
    setHead(about, status, reason, parseHeaders(headers), contentLength);
    res.end('x'.repeat(contentLength ?? 0), 'latin1');
  });
  const connection = await Connection.open(port);
  connection.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  return connection.response({ bodiless: method === 'HEAD' });
}

/** Header lines but those of the connection. */
const lines = ({ head }: RawResponse) =>
  head
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .filter((line) => !/^(connection|keep-alive):/i.test(line));

// The three ways a head takes: nothing set before, something set before, and writeHead patched.
const ways: [string, (res: http.ServerResponse) => void][] = [
  ['nothing was set', () => {}],
  ['JavaScript has set a header', (res) => res.setHeader('X-Powered-By', 'JS')],
  [
    'JavaScript has set a header and taken it away',
    (res) => {
      res.setHeader('A', '1');
      res.removeHeader('A');
    },
  ],
  [
    'writeHead is patched as on-headers 1.0 does it',
    (res) => {
      const { writeHead } = res;
      res.writeHead = function (this: http.ServerResponse, status: number) {
        this.setHeader('X-Patched', String(status));
        return writeHead.call(this, status);
      } as typeof res.writeHead;
    },
  ],
];

describe.each(ways)('where %s', (_, before) => {
  test('nothing is left of a reason that Node refuses, and the response can be another', async () => {
    const { port } = await serve((req, res) => {
      before(res);
      const about = { res, isHead: req.method === 'HEAD', http2: false };
      try {
        setHead(about, 200, 'No\nreason', parseHeaders(''), 0);
      } catch {
        // With a patched writeHead it shows later.
      }
      unsetHead(about);
      res.statusCode = 500;
      res.end('failed');
    });
    const connection = await Connection.open(port);
    connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const { head } = await connection.response();
    expect(head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
  });

  test('every line is sent, in order, with its casing', async () => {
    const headers = block(['X-b', '2'], ['a', 'é\xff'], ['Empty', '']);
    const sent = lines(await answer({ headers, contentLength: 3 }, before));
    expect(sent.filter((line) => !/^(X-Powered-By|X-Patched)/.test(line))).toEqual([
      'X-b: 2',
      'a: é\xff',
      'Empty: ',
      'Content-Length: 3',
    ]);
  });

  test('lines of the same name stay lines', async () => {
    const headers = block(['Set-Cookie', 'a=1'], ['X', '1'], ['set-cookie', 'b=2'], ['X', '2']);
    const sent = lines(await answer({ headers, contentLength: 0 }, before))
      .join('\n')
      .toLowerCase();
    expect(sent.match(/^set-cookie: .*$/gm)).toEqual(['set-cookie: a=1', 'set-cookie: b=2']);
    expect(sent.match(/^x: .*$/gm)).toEqual(['x: 1', 'x: 2']);
  });

  test('a length of .NET’s is not doubled', async () => {
    const sent = await answer(
      { headers: block(['content-length', '3']), contentLength: 3 },
      before,
    );
    expect(sent.headers.get('content-length')).toEqual(['3']);
  });

  test.each([
    [200, '', 'OK'],
    [404, 'Nicht da', 'Nicht da'],
    [299, '', 'unknown'],
    [299, 'Très bien', 'Très bien'],
  ])('the status %i has the reason %o', async (status, reason, expected) => {
    const { head } = await answer({ status, reason, contentLength: 0 }, before);
    expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status} ${expected}`);
  });

  test('a HEAD has no length but .NET’s', async () => {
    expect((await answer({ method: 'HEAD' }, before)).headers.has('content-length')).toBe(false);
    const headers = block(['Content-Length', '5']);
    const sent = await answer({ method: 'HEAD', headers }, before);
    expect(sent.headers.get('content-length')).toEqual(['5']);
  });
});

describe('headers of JavaScript’s', () => {
  test('stay', async () => {
    const sent = await answer({ headers: block(['B', '2']), contentLength: 0 }, (res) =>
      res.setHeader('A', '1'),
    );
    expect(sent.headers.get('a')).toEqual(['1']);
    expect(sent.headers.get('b')).toEqual(['2']);
  });

  test('of the same name are replaced', async () => {
    const sent = await answer({ headers: block(['x-a', '3']), contentLength: 0 }, (res) =>
      res.setHeader('X-A', ['1', '2']),
    );
    expect(sent.headers.get('x-a')).toEqual(['3']);
  });

  test.each(['Set-Cookie', 'Vary'])('%s is appended to', async (name) => {
    for (const before of ['js', ['js']]) {
      const headers = block([name.toLowerCase(), 'net1'], [name, 'net2']);
      const sent = await answer({ headers, contentLength: 0 }, (res) =>
        res.setHeader(name, before),
      );
      expect(sent.headers.get(name.toLowerCase())).toEqual(['js', 'net1', 'net2']);
    }
  });

  test('that frame a body are not .NET’s body’s', async () => {
    const length = await answer({ contentLength: 3 }, (res) => res.setHeader('Content-Length', 99));
    expect(length.headers.get('content-length')).toEqual(['3']);
    const chunked = await answer({ contentLength: 3 }, (res) =>
      res.setHeader('Transfer-Encoding', 'chunked'),
    );
    expect(chunked.headers.has('transfer-encoding')).toBe(false);
    const streamed = await answer({}, (res) => res.setHeader('Content-Length', 99));
    expect(streamed.headers.get('content-length')).not.toEqual(['99']);
  });

  test('do not reach the next response', async () => {
    const headers = block(['Set-Cookie', 'net'], ['X', '1'], ['X', '2']);
    for (const cookie of ['first', 'second']) {
      const sent = await answer({ headers, contentLength: 0 }, (res) => {
        mergeHeaders(res, parseHeaders(headers));
        res.appendHeader('X', cookie);
        res.setHeader('Set-Cookie', cookie);
      });
      expect(sent.headers.get('set-cookie')).toEqual([cookie, 'net']);
    }
    expect(parseHeaders(headers).byName.get('x')?.values).toEqual(['1', '2']);
  });

  test('a reason for another status does not stay', async () => {
    const { head } = await answer({ status: 404, contentLength: 0 }, (res) => {
      res.setHeader('A', '1');
      res.statusCode = 500;
      res.statusMessage = 'Broken';
    });
    expect(head.split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  });
});

test.each([
  ['X', 'plain'],
  ['X', 'é\xff'],
])('a flushed head keeps the bytes of %s: %s', async (name, value) => {
  const { port } = await serve((_, res) => {
    const headers = parseHeaders(block([name, value], ['Content-Length', '2']));
    setHead({ res, isHead: false, http2: false }, 200, '', headers, undefined);
    flushHead(res, '', headers);
    setImmediate(() => res.end('é', 'latin1'));
  });
  const sent = await (await Connection.open(port)).get('/').until('\r\n\r\n');
  expect(sent).toContain(`${name}: ${value}\r\n`);
});

describe('connection headers on HTTP/2', () => {
  test('are left out', () => {
    const set: string[] = [];
    const res = {
      req: { httpVersionMajor: 2, stream: { endAfterHeaders: true } },
      getHeader: () => undefined,
      setHeader: (name: string) => set.push(name),
    };
    const names = [
      'Connection',
      'keep-alive',
      'Proxy-Connection',
      'Transfer-Encoding',
      'Upgrade',
      'X',
    ];
    mergeHeaders(
      res as never,
      parseHeaders(block(...names.map((name) => [name, '1'] as [string, string]))),
    );
    expect(set).toEqual(['X']);
  });
});

describe('parsed blocks', () => {
  test('are empty for an empty block', () => {
    expect(parseHeaders('')).toMatchObject({ flat: [], hasContentLength: false });
  });

  test('are kept for the next response', () => {
    const text = block(['Kept', '1']);
    expect(parseHeaders(text)).toBe(parseHeaders(text));
  });

  test('are not kept when they are long', () => {
    const text = block(['Long', 'x'.repeat(1100)]);
    expect(parseHeaders(text)).not.toBe(parseHeaders(text));
    expect(parseHeaders(text)).toEqual(parseHeaders(text));
  });

  test('are bounded in number', () => {
    const first = parseHeaders(block(['N', 'first']));
    for (let i = 0; i < 300; i++) parseHeaders(block(['N', String(i)]));
    expect(parseHeaders(block(['N', 'first']))).not.toBe(first);
  });

  test('may have the name __proto__', async () => {
    const headers = block(['__proto__', '1'], ['constructor', '2']);
    for (const before of [() => {}, (res: http.ServerResponse) => void res.setHeader('A', '1')]) {
      const sent = await answer({ headers, contentLength: 0 }, before);
      expect(sent.headers.get('__proto__')).toEqual(['1']);
      expect(sent.headers.get('constructor')).toEqual(['2']);
    }
  });
});
