import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import express from 'express';
import owin from 'owin';
import { WebSocket as Undici } from 'undici';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import {
  allLetGo,
  kitchen,
  lines,
  note,
  notes,
  reportedErrors,
  topic,
} from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { Client, frame, handshake, openRaw, serveUpgrades } from '../support/upgrade.ts';

const bytes = (length: number) => Buffer.alloc(length, 'owin websocket ');

describe('the handshake', () => {
  test('is RFC 6455’s, with what middleware and the app have set, and no Content-Length', async () => {
    const app = express().use((_req, res, next) => {
      res.setHeader('X-Middleware', 'ran');
      next();
    }, kitchen);
    const { server, port } = await serve(app);
    owin.attach(server);
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?before=header&do=echo&id=${topic()}`),
    );
    const { status, headers } = await client.response();
    expect(status).toBe(101);
    const accept = createHash('sha1')
      .update('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
      .digest('base64');
    expect(Object.fromEntries(headers)).toMatchObject({
      connection: ['Upgrade'],
      upgrade: ['websocket'],
      'sec-websocket-accept': [accept],
      'x-middleware': ['ran'],
      'x-app': ['set'],
      'x-sending': ['ran'],
    });
    expect(headers.has('content-length')).toBe(false);
  });

  test('goes out when the app’s Task has completed, and not before', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?after=wait&do=echo&id=${id}`),
    );
    await notes(`${id}:waiting`);
    expect(client.received).toBe('');
    await note(`${id}:go`);
    expect((await client.response()).status).toBe(101);
  });

  test.each([
    ['the option', '/ws-script?protocol=one&before=protocol-header&do=echo', 'one'],
    ['the header', '/ws-script?before=protocol-header&do=echo', 'two'],
  ])('names the sub-protocol of %s', async (_, path, expected) => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}${path}&id=${topic()}`, ['one', 'two']);
    expect(client.socket.protocol).toBe(expected);
  });

  test('comes through a mount path, and through handler.upgrade', async () => {
    const { server, port } = await serve(express().use('/mounted', kitchen));
    owin.attach(server);
    const mounted = await Client.open(`ws://127.0.0.1:${port}/mounted/ws-echo`);
    expect(await mounted.echo('below a mount')).toBe('below a mount');
    const bare = await serve(http.createServer());
    bare.server.on('upgrade', kitchen.upgrade);
    const direct = await Client.open(`ws://127.0.0.1:${bare.port}/ws-echo`);
    expect(await direct.echo('direct')).toBe('direct');
  });

  test('is refused by middleware that answers', async () => {
    const app = express().use((_req, res) => void res.status(401).end('who?'));
    const { server, port } = await serve(app);
    owin.attach(server);
    const client = new Client(`ws://127.0.0.1:${port}/ws-echo`);
    const [, res] = await once(client.socket, 'unexpected-response');
    expect(res.statusCode).toBe(401);
  });
});

describe('the keys', () => {
  const upgrade =
    'System.Action`2[System.Collections.Generic.IDictionary`2[System.String,System.Object],' +
    'System.Func`2[System.Collections.Generic.IDictionary`2[System.String,System.Object],System.Threading.Tasks.Task]]';

  test('are there for a handshake, with exactly their types', async () => {
    const { port } = await serveUpgrades();
    const { text } = await (await Connection.open(port))
      .send(handshake('/upgrade-keys'))
      .response();
    expect(lines(text)).toMatchObject({
      'opaque.Upgrade': upgrade,
      'websocket.Accept': upgrade,
      'websocket.AcceptAlt':
        'System.Func`2[Microsoft.AspNetCore.Http.WebSocketAcceptContext,' +
        'System.Threading.Tasks.Task`1[System.Net.WebSockets.WebSocket]]',
      'capability:opaque.Version': '1.0',
      'capability:websocket.Version': '1.0',
    });
  });

  test.each([
    ['another protocol', 'GET', ['Upgrade: other/1'], true],
    ['version 12', 'GET', ['Upgrade: websocket', 'Sec-WebSocket-Version: 12'], true],
    ['no version', 'GET', ['Upgrade: websocket'], true],
    [
      'a key that is none',
      'GET',
      ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: short'],
      true,
    ],
    [
      'POST',
      'POST',
      handshake('/')
        .split('\r\n')
        .slice(3, 6)
        .filter((each) => each !== ''),
      true,
    ],
  ])('websocket.Accept is absent for %s', async (_, method, headers, opaque) => {
    const { port } = await serveUpgrades();
    const client = await Connection.open(port);
    client.send(
      [
        `${method} /upgrade-keys HTTP/1.1`,
        'Host: test',
        'Connection: Upgrade',
        ...headers,
        '',
        '',
      ].join('\r\n'),
    );
    const keys = lines((await client.response()).text);
    expect('websocket.Accept' in keys).toBe(false);
    expect('opaque.Upgrade' in keys).toBe(opaque);
  });

  test.each([
    ['an ordinary request', 'HTTP/1.1', []],
    ['HTTP/1.0', 'HTTP/1.0', ['Connection: Upgrade', 'Upgrade: other/1']],
    [
      'a request with a body',
      'HTTP/1.1',
      ['Connection: Upgrade', 'Upgrade: other/1', 'Content-Length: 1'],
    ],
  ])('all are absent for %s', async (_, version, headers) => {
    const { port } = await serveUpgrades();
    const client = await Connection.open(port);
    client.send([`GET /upgrade-keys ${version}`, 'Host: test', ...headers, '', 'x'].join('\r\n'));
    const keys = Object.keys(lines((await client.response()).text));
    expect(keys.filter((key) => !key.startsWith('capability'))).toEqual([]);
  });

  test('are absent where nothing is attached', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/upgrade-keys`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    });
    expect(Object.keys(lines(body)).filter((key) => !key.startsWith('capability'))).toEqual([]);
  });

  test('of the callback’s environment are the contract’s, and SignalR’s', async () => {
    const { ws, port } = await serveUpgrades();
    const client = await Client.open(`${ws}/ws-keys?protocol=p2&q=%20`, ['p1', 'p2'], {
      origin: 'http://example.org',
      headers: { 'X-One': '1', Cookie: 'a=b; c=d' },
    });
    const found = lines((await client.message()) as string);
    const segment = 'System.ArraySegment`1[System.Byte]';
    const [cancel, task] = ['System.Threading.CancellationToken', 'System.Threading.Tasks.Task'];
    expect(found).toMatchObject({
      'websocket.SendAsync': `System.Func\`5[${segment},System.Int32,System.Boolean,${cancel},${task}]`,
      'websocket.ReceiveAsync': `System.Func\`3[${segment},${cancel},${task}\`1[System.Tuple\`3[System.Int32,System.Boolean,System.Int32]]]`,
      'websocket.CloseAsync': `System.Func\`4[System.Int32,System.String,${cancel},${task}]`,
      'websocket.Version': 'System.String',
      'websocket.CallCancelled': cancel,
      state: 'Open',
      same: 'True',
      uri: `ws://127.0.0.1:${port}/ws-keys?protocol=p2&q=%20`,
      origin: 'http://example.org',
      protocols: 'p1 p2',
      cookie: 'b',
      header: '1',
      version: '1.0',
    });
    expect('websocket.ClientCloseStatus' in found).toBe(false);
  });
});

describe('accepting', () => {
  test('sets 101 at once, works after an await, and works once', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/upgrade-twice?id=${id}`);
    expect(await notes(id, 5)).toEqual([
      'null System.ArgumentNullException',
      'status 101',
      'twice System.InvalidOperationException',
      'opaque System.InvalidOperationException',
      'write Owin.Host.OwinException',
    ]);
    expect(await client.echo('still')).toBe('still');
  });

  test('after the response has started throws InvalidOperationException', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = (await Connection.open(port)).send(handshake(`/upgrade-twice?write&id=${id}`));
    expect((await client.response()).text).toBe('begun');
    expect(await notes(id, 2)).toEqual([
      'null System.ArgumentNullException',
      'started System.InvalidOperationException',
    ]);
  });

  test.each([
    ['the app throws after it', 'after=throw', 'thrown after accept'],
    ['OnSendingHeaders throws', 'before=sending-throws', 'thrown by OnSendingHeaders'],
  ])('is a 500 when %s: no callback, and CallCancelled is cancelled', async (_, how, message) => {
    const { server, port } = await serve(kitchen);
    owin.attach(server);
    const id = topic();
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?${how}&do=echo&id=${id}`),
    );
    expect((await client.response()).status).toBe(500);
    await notes(`${id}:cancelled`);
    expect(reportedErrors().map((error) => error.message)).toEqual([message]);
    await allLetGo();
    await note(id, 'nothing before');
    expect(await notes(id)).toEqual(['nothing before']);
  });

  test('is taken back by another status', async () => {
    const { port } = await serveUpgrades();
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?after=status&do=echo&id=${topic()}`),
    );
    expect((await client.response()).status).toBe(403);
  });

  test('fails and cancels when JavaScript has taken the socket', async () => {
    const { server, port } = await serve(kitchen);
    const id = topic();
    owin.attach(server);
    server.on('upgrade', async (_req, socket) => {
      await notes(`${id}:waiting`);
      socket.write('theirs');
      await note(`${id}:go`);
    });
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?after=wait&do=echo&id=${id}`),
    );
    await notes(`${id}:cancelled`);
    await allLetGo();
    expect(client.received).toBe('theirs');
  });

  test('is cancelled when the client leaves before the handshake', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = (await Connection.open(port)).send(
      handshake(`/ws-script?after=wait&do=echo&id=${id}`),
    );
    await notes(`${id}:waiting`);
    client.destroy();
    await notes(`${id}:cancelled`);
    await note(`${id}:go`);
    await allLetGo();
  });
});

describe.each(['/ws-echo', '/ws-alt'])('messages through %s', (path) => {
  test('text, binary, empty and 16 MB ones come back', async () => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}${path}`);
    expect(await client.echo('text äöü €')).toBe('text äöü €');
    expect(await client.echo(bytes(1000))).toEqual(bytes(1000));
    expect(await client.echo('')).toBe('');
    expect(await client.echo(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    const large = bytes(16 * 1024 * 1024);
    expect(large.equals((await client.echo(large)) as Buffer)).toBe(true);
    client.socket.close(1000, 'done');
    expect(await client.closed).toEqual({ code: 1000, reason: 'done' });
    await allLetGo();
  });

  test('fragments keep their ends', async () => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}${path}`);
    client.socket.send('one ', { fin: false });
    client.socket.ping();
    client.socket.send('two ', { fin: false });
    client.socket.send('three', { fin: true });
    expect(await client.message()).toBe('one two three');
  });

  test('with undici’s WebSocket', async () => {
    const { ws } = await serveUpgrades();
    const socket = new Undici(`${ws}${path}`);
    await once(socket as never, 'open');
    socket.send('from undici');
    const [event] = (await once(socket as never, 'message')) as [MessageEvent];
    expect(event.data).toBe('from undici');
    socket.close(3001, 'reason');
    const [closed] = (await once(socket as never, 'close')) as [{ code: number; reason: string }];
    expect({ code: closed.code, reason: closed.reason }).toEqual({ code: 3001, reason: 'reason' });
    await allLetGo();
  });

  test('many at once on many connections never mix', async () => {
    const { ws } = await serveUpgrades();
    const clients = await Promise.all(
      Array.from({ length: 30 }, () => Client.open(`${ws}${path}`)),
    );
    await Promise.all(
      clients.map(async (client, n) => {
        for (let i = 0; i < 100; i++) client.socket.send(`${n}:${i}`);
        for (let i = 0; i < 100; i++) expect(await client.message()).toBe(`${n}:${i}`);
        client.socket.close();
        await client.closed;
      }),
    );
    await allLetGo();
  });
});

test('messages sent in one write with the handshake are not lost', async () => {
  const { port } = await serveUpgrades();
  const early = Buffer.concat([frame(1, 'early'), frame(1, 'bird')]).toString('latin1');
  const client = await openRaw(port, '/ws-echo', early);
  expect(await client.bytes(13)).toBe('\x81\x05early\x81\x04bird');
});

describe('closing', () => {
  test.each([1000, 1001, 1011, 3000, 4999])('with %i reaches the client', async (code) => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=close:${code}-why,receive`);
    expect(await client.closed).toEqual({ code, reason: 'why' });
    expect(await notes(id)).toEqual(['done']);
    await allLetGo();
  });

  test.each([1000, 1001, 1011, 3000, 4999])('with %i reaches the app', async (code) => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=receive,status`);
    client.socket.close(code, 'why');
    expect(await notes(`${id}:received`)).toEqual(['8 True ']);
    expect(await notes(`${id}:status`)).toEqual([`Int32 ${code} why`]);
    expect(await client.closed).toEqual({ code, reason: 'why' });
  });

  test('without a status is 1000 and "" for the app', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=receive,status`);
    client.socket.close();
    expect(await notes(`${id}:status`)).toEqual(['Int32 1000 ']);
    await client.closed;
  });

  test('is told to the app only once the client has closed', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    await Client.open(`${ws}/ws-script?id=${id}&do=status`);
    expect(await notes(`${id}:status`)).toEqual(['String - -']);
  });

  test.each([
    ['empty is a Close frame without a status', '', '\x88\x00'],
    ['with a status', '03e8', '\x88\x02\x03\xe8'],
    ['with status and description', '0bb86869', '\x88\x04\x0b\xb8hi'],
  ])('by SendAsync %s', async (_, payload, expected) => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, `/ws-script?id=${topic()}&do=send-close:${payload}`);
    expect(await client.bytes(expected.length)).toBe(expected);
    client.send(frame(8));
    expect(await client.end()).toBe('');
    await allLetGo();
  });

  test('by SendAsync of one byte, and a message of an unknown type, throw', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=type:3,type:8,send:alive`);
    expect(await notes(`${id}:type`, 2)).toEqual([
      'System.ArgumentOutOfRangeException',
      'System.ArgumentOutOfRangeException',
    ]);
    expect(await client.message()).toBe('alive');
  });

  test('does not wait for the client', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = await openRaw(port, `/ws-script?id=${id}&do=close:1000-`);
    expect(await notes(id)).toEqual(['done']);
    expect(await client.bytes(4)).toBe('\x88\x02\x03\xe8');
    await client.end();
    await allLetGo();
  });

  test('is the server’s where the app returns with the client’s Close unanswered', async () => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, `/ws-script?id=${topic()}&do=receive`);
    client.send(frame(8, Buffer.from([0x0f, 0xa0, 0x68, 0x69])));
    expect(await client.end()).toBe('\x88\x04\x0f\xa0hi');
  });

  test('is an abort where the app returns with the WebSocket open', async () => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}/ws-script?id=${topic()}&do=send:last`);
    expect(await client.message()).toBe('last');
    expect(await client.closed).toEqual({ code: 1006, reason: '' });
    await allLetGo();
  });

  test('is an abort where the callback throws, and the error is reported', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=throw`);
    expect(await client.closed).toEqual({ code: 1006, reason: '' });
    await notes(`${id}:cancelled`);
    await allLetGo();
    expect(reportedErrors().map(({ message }) => message)).toEqual(['thrown by the callback']);
  });

  test('that has been sent arrives also where the callback throws after it', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=close:1011-oops,throw`);
    expect(await client.closed).toEqual({ code: 1011, reason: 'oops' });
    await notes(id);
    await allLetGo();
    expect(reportedErrors().map(({ message }) => message)).toEqual(['thrown by the callback']);
  });
});

describe('pings', () => {
  test('are answered and never delivered', async () => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, '/ws-echo');
    client.send(Buffer.concat([frame(9, 'are you there'), frame(1, 'x')]));
    expect(await client.bytes(18)).toBe('\x8a\x0dare you there\x81\x01x');
  });
});

describe('abrupt ends', () => {
  test('of the client fault what the app waits for, cancel its token and are not reported', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-script?id=${id}&do=receive`);
    client.socket.terminate();
    expect(await notes(id)).toEqual(['WebSocketException']);
    await allLetGo();
  });

  test('by a reset cancel CallCancelled also where nobody reads', async () => {
    const { ws } = await serveUpgrades();
    const id = topic();
    const client = await openRaw(Number(new URL(ws).port), `/ws-script?id=${id}&do=cancelled`);
    client.socket.resetAndDestroy();
    expect(await notes(id)).toEqual(['done']);
    await notes(`${id}:cancelled`);
    await allLetGo();
  });

  test('of a client that only ends its sending fault the read', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = await openRaw(port, `/ws-script?id=${id}&do=send:hello,receive`);
    expect(await client.bytes(7)).toBe('\x81\x05hello');
    client.socket.end();
    expect(await notes(id)).toEqual(['WebSocketException']);
    await client.end();
    await allLetGo();
  });

  test('in the middle of a message fault the read', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = await openRaw(port, `/ws-script?id=${id}&do=receive,receive`);
    client.send(frame(1, 'half of a message', { fin: false }));
    await notes(`${id}:received`);
    client.socket.resetAndDestroy();
    expect(await notes(id)).toEqual(['WebSocketException']);
    await allLetGo();
  });

  test('of the handler drop what is open', async () => {
    const own = owin((await kitchen.ready).location);
    const { server, port } = await serve(own);
    owin.attach(server);
    const client = await Client.open(`ws://127.0.0.1:${port}/ws-echo`);
    expect(await client.echo('open')).toBe('open');
    await own.close({ drain: 0 });
    expect((await client.closed).code).toBe(1006);
    await allLetGo();
  });
});

describe('back-pressure', () => {
  test('a slow reader in .NET pauses the socket', async () => {
    const { ws, port } = await serveUpgrades();
    const id = topic();
    const client = await Client.open(`${ws}/ws-hold?id=${id}`);
    const size = 32 * 1024 * 1024;
    client.socket.send(bytes(size));
    const socket = (client.socket as unknown as { _socket: { writableLength: number } })._socket;
    // Until the kernel and the window are full: no more of it leaves.
    let before = -1;
    await expect
      .poll(
        () => {
          const same = socket.writableLength === before;
          before = socket.writableLength;
          return same && before > 0;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(before).toBeGreaterThan(size / 4);
    await note(`${id}:go`);
    expect(await client.message()).toBe(String(size));
    expect(port).toBeGreaterThan(0);
  });

  test('a slow client holds SendAsync', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const client = await openRaw(port, `/ws-flood?n=300&size=100000&id=${id}`);
    client.socket.pause();
    const [sent] = await notes(id);
    expect(Number(sent) * 100_000).toBeLessThan(20_000_000);
    client.socket.resume();
    expect((await client.bytes(300 * 100_010)).length).toBe(300 * 100_010);
    client.send(frame(8));
    await client.end();
    await allLetGo();
  });
});

describe('permessage-deflate', () => {
  test.each(['/ws-echo', '/ws-alt'])('is agreed on where %s asks for it', async (path) => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}${path}?deflate`, [], { perMessageDeflate: true });
    expect(client.socket.extensions).toContain('permessage-deflate');
    const large = bytes(1024 * 1024);
    expect(large.equals((await client.echo(large)) as Buffer)).toBe(true);
    expect(await client.echo('short')).toBe('short');
  });

  test.each([
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      /server_no_context_takeover/,
    ],
    [{ serverMaxWindowBits: 10 }, /server_max_window_bits=10/],
    [{ clientMaxWindowBits: 10 }, /client_max_window_bits=10/],
  ])('keeps to %j', async (perMessageDeflate, expected) => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}/ws-echo?deflate`, [], {
      perMessageDeflate: { ...perMessageDeflate, threshold: 0 },
    });
    expect((client.socket as never as { _extensions: object })._extensions).toBeDefined();
    for (let i = 0; i < 3; i++) expect(await client.echo(bytes(5000))).toEqual(bytes(5000));
    const head = await (await Connection.open(Number(new URL(ws).port)))
      .send(handshake('/ws-echo?deflate', `Sec-WebSocket-Extensions: ${offer(perMessageDeflate)}`))
      .response();
    expect(head.headers.get('sec-websocket-extensions')?.[0]).toMatch(expected);
  });

  test.each([
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; unknown',
    'permessage-deflate; server_max_window_bits=9; server_max_window_bits=9',
    'permessage-bzip2',
  ])('declines %s', async (extension) => {
    const { port } = await serveUpgrades();
    const { headers, status } = await (await Connection.open(port))
      .send(handshake('/ws-echo?deflate', `Sec-WebSocket-Extensions: ${extension}`))
      .response();
    expect(status).toBe(101);
    expect(headers.has('sec-websocket-extensions')).toBe(false);
  });

  test('is not agreed on unasked', async () => {
    const { ws } = await serveUpgrades();
    const client = await Client.open(`${ws}/ws-echo`, [], { perMessageDeflate: true });
    expect(client.socket.extensions).toBe('');
    expect(await client.echo('plain')).toBe('plain');
  });
});

function offer(options: Record<string, boolean | number>): string {
  const names = Object.entries(options).map(([name, value]) => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return value === true ? snake : `${snake}=${value}`;
  });
  return ['permessage-deflate', ...names].join('; ');
}
