import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OwinError } from '../../../src/errors.ts';
import { type MountedRequest, readRequestHead } from '../../../src/http/request-head.ts';
import { Connection } from '../../support/connection.ts';
import { serve } from '../../support/serve.ts';

const NAMES = [
  'method',
  'mount',
  'url',
  'originalUrl',
  'httpVersion',
  'connectionId',
  'scheme',
  'remoteAddress',
  'remotePort',
  'localAddress',
  'localPort',
] as const;

type Fields = Record<(typeof NAMES)[number], string> & { headers: string[] };

function fieldsOf(req: MountedRequest, trustProxy = false): Fields {
  const head = readRequestHead(req, trustProxy);
  if (head instanceof Error) throw head;
  const fields = head.text.split('\0');
  expect(fields).toHaveLength(head.fieldCount);
  const named = Object.fromEntries(NAMES.map((name, i) => [name, fields[i] as string]));
  return { ...named, headers: fields.slice(NAMES.length) } as Fields;
}

/** Answers with the fields of the request's head, as JSON in latin-1. */
function show(req: http.IncomingMessage, res: http.ServerResponse): void {
  res.end(JSON.stringify(fieldsOf(req)), 'latin1');
}

async function ask(connection: Connection, target: string, ...lines: string[]): Promise<Fields> {
  return JSON.parse((await connection.get(target, ...lines).response()).text);
}

/** A request that came over no network. */
function fakeRequest(parts: object): MountedRequest {
  const defaults = {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    rawHeaders: [],
    headers: {},
    socket: {},
  };
  return { ...defaults, ...parts } as unknown as MountedRequest;
}

describe.each([
  ['express 5', () => express()],
  ['express 4', () => express4()],
  ['connect', () => connect()],
] as const)('behind %s', (_, create) => {
  test.each([
    ['/base', '/base', ''],
    ['/base/', '/base', '/'],
    ['/base?q', '/base', '?q'],
    ['/base/a%20b?q=/base', '/base', '/a%20b?q=/base'],
    ['/BASE/a', '/BASE', '/a'],
    ['http://other/base/a', '/base', '/a'],
  ])('%s splits into %o and %o', async (target, mount, url) => {
    const { port } = await serve((create() as any).use('/base', show));
    const fields = await ask(await Connection.open(port), target);
    expect(fields).toMatchObject({ mount, url, originalUrl: target });
  });

  test('nothing is split without a mount', async () => {
    const { port } = await serve((create() as any).use(show));
    const connection = await Connection.open(port);
    for (const target of ['/', '/a/a', '/?a', 'http://other/a'])
      expect(await ask(connection, target)).toMatchObject({ mount: '', url: target });
  });

  test('a url that middleware has rewritten is taken as it is', async () => {
    const rewrite = (req: http.IncomingMessage, _: unknown, next: () => void) => {
      req.url = '/elsewhere?x';
      next();
    };
    const { port } = await serve((create() as any).use('/base', rewrite).use('/base', show));
    const fields = await ask(await Connection.open(port), '/base/a');
    expect(fields).toMatchObject({ url: '/elsewhere?x', originalUrl: '/base/a' });
  });
});

test('a bare server gives every field', async () => {
  const { port } = await serve(show);
  const connection = await Connection.open(port);
  const fields = await ask(connection, '/a?b', 'X-A: 1', 'x-a: 2', 'Empty:');
  expect(fields).toMatchObject({
    method: 'GET',
    mount: '',
    url: '/a?b',
    originalUrl: '/a?b',
    httpVersion: '1.1',
    scheme: 'http',
    remoteAddress: '127.0.0.1',
    remotePort: String((connection.socket.address() as net.AddressInfo).port),
    localAddress: '127.0.0.1',
    localPort: String(port),
    headers: ['Host', 'test', 'X-A', '1', 'x-a', '2', 'Empty', ''],
  });
});

test('a connection keeps its id, and each has another', async () => {
  const { port } = await serve(show);
  const first = await Connection.open(port);
  const second = await Connection.open(port);
  const ids = [await ask(first, '/'), await ask(first, '/'), await ask(second, '/')].map(
    (each) => each.connectionId,
  );
  expect(ids[0]).toMatch(/^[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('what is known of a connection is asked for once', () => {
  let asked = 0;
  const socket = {
    localAddress: '::1',
    get remoteAddress() {
      asked++;
      return '::1';
    },
  };
  for (let i = 0; i < 3; i++) expect(fieldsOf(fakeRequest({ socket })).remoteAddress).toBe('::1');
  expect(asked).toBeLessThanOrEqual(2);
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '::ffff:c000:201'],
  ['2001:db8::1', '2001:db8::1'],
])('the address %s is %s', (address, expected) => {
  const socket = { remoteAddress: address, localAddress: address };
  expect(fieldsOf(fakeRequest({ socket }))).toMatchObject({
    remoteAddress: expected,
    localAddress: expected,
    remotePort: '',
    localPort: '',
  });
});

test.runIf(process.platform !== 'win32')('a unix socket is one, and has no addresses', async () => {
  const file = path.join(os.tmpdir(), `owin-test-${process.pid}.sock`);
  const server = http.createServer(show).listen(file);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const fields = await ask(await Connection.open({ path: file }), '/');
  expect(fields).toMatchObject({
    remoteAddress: 'unix',
    remotePort: '',
    localAddress: '',
    localPort: '',
  });
});

test('a peer that has reset the connection does not pass for a local one', async () => {
  const { port, server } = await serve(() => {});
  const connection = await Connection.open(port);
  connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => {
    connection.socket.resetAndDestroy();
  });
  const [req] = (await once(server, 'request')) as [http.IncomingMessage];
  // Not once(): some versions of Node tell of the error before.
  await new Promise((resolve) => req.socket.on('close', resolve));
  expect(fieldsOf(req).remoteAddress).toBe('');
});

describe('characters', () => {
  test('up to U+00FF cross as they are', () => {
    const fields = fieldsOf(fakeRequest({ url: '/é\xff', rawHeaders: ['X', '\x80é'] }));
    expect(fields).toMatchObject({ url: '/é\xff', headers: ['X', '\x80é'] });
  });

  test.each([
    ['/€/é', '/%E2%82%AC/é'],
    ['/🎷', '/%F0%9F%8E%B7'],
    ['/a?b=Ā', '/a?b=%C4%80'],
    ['/\ud800', '/%EF%BF%BD'],
  ])('above it are percent-encoded in the url %s', (url, expected) => {
    expect(fieldsOf(fakeRequest({ url }))).toMatchObject({ url: expected, originalUrl: expected });
    expect(fieldsOf(fakeRequest({ url: `${url}x`, originalUrl: `/m${url}x` }))).toMatchObject({
      mount: '/m',
      url: `${expected}x`,
    });
  });

  test.each([
    ['X', '€'],
    ['€', '1'],
    ['X', '\ud83c'],
  ])('above it in the header %o: %o are refused', (name, value) => {
    const error = readRequestHead(
      fakeRequest({ url: '/€', rawHeaders: ['A', '1', name, value] }),
      false,
    );
    expect(error).toMatchObject({ code: 'ERR_OWIN_BAD_REQUEST' } satisfies Partial<OwinError>);
  });

  test('a NUL forges no field: the count says how many there are', () => {
    const head = readRequestHead(fakeRequest({ rawHeaders: ['X', '1\0Host\0evil'] }), false);
    expect(head).toMatchObject({ fieldCount: 13 });
    expect((head as { text: string }).text.split('\0')).toHaveLength(15);
  });
});

describe('the scheme', () => {
  const forwarded = (value: string | string[]) => ({ headers: { 'x-forwarded-proto': value } });

  test('is that of the socket', () => {
    expect(fieldsOf(fakeRequest({})).scheme).toBe('http');
    expect(fieldsOf(fakeRequest({ socket: { encrypted: true } })).scheme).toBe('https');
    expect(fieldsOf(fakeRequest(forwarded('https'))).scheme).toBe('http');
  });

  test.each([
    ['https', 'https'],
    [' HTTPS , http', 'https'],
    [['https', 'http'], 'https'],
    ['ftp', 'http'],
    ['', 'http'],
  ])('is the forwarded one, %o, for a trusted proxy', (value, expected) => {
    expect(fieldsOf(fakeRequest(forwarded(value)), true).scheme).toBe(expected);
  });

  test('is express’s where it trusts the proxy', async () => {
    for (const trust of [true, false, 'loopback']) {
      const app = express()
        .set('trust proxy', trust)
        .use(show as never);
      const { port } = await serve(app);
      const { scheme } = await ask(await Connection.open(port), '/', 'X-Forwarded-Proto: https');
      expect(scheme).toBe(trust ? 'https' : 'http');
    }
  });
});

test('tells what the answer depends on', () => {
  const head = readRequestHead(fakeRequest({ method: 'HEAD' }), false);
  expect(head).toMatchObject({ method: 'HEAD' });
});
