import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import express from 'express';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { allLetGo, kitchen, notes, script, topic } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';
import { handshake } from '../support/upgrade.ts';

const echoHeaders = ['Connection: Upgrade', 'Upgrade: other/1'];

describe('owin.attach', () => {
  test('takes a server once, and nothing else', () => {
    const server = http.createServer();
    expect(owin.attach(server)).toBe(server);
    owin.attach(server);
    expect(server.listenerCount('upgrade')).toBe(1);
    expect(() => owin.attach(undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
    expect(() => owin.attach(server, { path: '/x' } as never)).toThrow(/no option 'path'/);
  });
});

describe.each(Object.entries(frontends))('an upgrade that nobody accepts, in %s', (_, frontend) => {
  test('gets the ordinary answer, and the connection closes', async () => {
    const { server, port } = await serve(frontend(kitchen));
    owin.attach(server);
    const client = (await Connection.open(port)).get('/hello', ...echoHeaders);
    const answer = await client.response();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toEqual(['close']);
    expect(answer.text).toContain('Hello, world from .NET!');
    await client.end();
    await allLetGo();
  });

  test('gets a long answer at the client’s own pace', async () => {
    const { server, port } = await serve(frontend(kitchen));
    owin.attach(server);
    const id = topic();
    const client = await Connection.open(port);
    client.socket.pause();
    client.get(`/write-held?n=16777216&id=${id}`, ...echoHeaders);
    await notes(id);
    client.socket.resume();
    const { text } = await client.response();
    expect(text.length).toBe(16 * 1024 * 1024);
    await client.end();
  });
});

describe('an upgrade that nobody accepts', () => {
  test('runs through middleware and mount paths of express', async () => {
    const app = express();
    app.use((_req, res, next) => {
      res.setHeader('X-Middleware', 'ran');
      next();
    });
    app.use('/mounted', kitchen);
    const { server, port } = await serve(app);
    owin.attach(server);
    const found = await (await Connection.open(port))
      .get('/mounted/hello', ...echoHeaders)
      .response();
    expect(found.status).toBe(200);
    expect(found.headers.get('x-middleware')).toEqual(['ran']);
    const missing = await (await Connection.open(port)).get('/missing', ...echoHeaders).response();
    expect(missing.status).toBe(404);
  });

  test('comes to the handler without express too', async () => {
    const { server, port } = await serve(http.createServer());
    server.on('upgrade', kitchen.upgrade);
    const client = (await Connection.open(port)).get('/hello', ...echoHeaders);
    expect((await client.response()).text).toContain('Hello');
    await client.end();
  });

  test('comes through a listener that chooses whom to call', async () => {
    const { server, port } = await serve(http.createServer());
    server.on('upgrade', (req, socket, head) => kitchen.upgrade(req, socket as Socket, head));
    const client = (await Connection.open(port)).get('/hello', ...echoHeaders);
    expect((await client.response()).text).toContain('Hello');
  });

  test('is answered by the last of several listeners of ours', async () => {
    const app = express().use('/other', (_req, res) => void res.status(418).end());
    const { server, port } = await serve(app);
    owin.attach(server);
    server.on('upgrade', kitchen.upgrade);
    const client = (await Connection.open(port)).get('/hello', ...echoHeaders);
    expect((await client.response()).text).toContain('Hello');
    await client.end();
    await allLetGo();
  });

  describe('with a body is an ordinary request', () => {
    const post = (target: string, framing: string) =>
      `POST ${target} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${framing}\r\n\r\n`;
    const chunked = post('/echo', 'Transfer-Encoding: chunked');
    const open = async () => {
      const { server, port } = await serve(express().use(kitchen));
      owin.attach(server);
      return Connection.open(port);
    };

    test.each([
      ['at once', [`${post('/echo', 'Content-Length: 9')}half full`], 'half full'],
      ['behind its head', [post('/echo', 'Content-Length: 9'), 'half full'], 'half full'],
      ['in parts', [`${chunked}4\r\nhalf\r\n`, '5\r\n full\r\n0\r\n\r\n'], 'half full'],
      ['and is empty', [`${chunked}0\r\n\r\n`], ''],
    ])('that comes %s', async (_, parts, text) => {
      const client = await open();
      for (const part of parts) {
        client.send(part);
        await turn();
      }
      expect((await client.response()).text).toBe(text);
      // Node 26 and later have read the request as one for an upgrade: there the connection ends with it.
      if (Number.parseInt(process.versions.node, 10) >= 26) expect(await client.end()).toBe('');
      else expect((await client.get('/hello').response()).text).toContain('Hello');
      await allLetGo();
    });

    test('that is large and streams', async () => {
      const bytes = randomBytes(5_000_000);
      const client = await open();
      client.send(post('/sha256', `Content-Length: ${bytes.length}`)).send(bytes);
      const digest = createHash('sha256').update(bytes).digest('hex');
      expect((await client.response()).text).toBe(digest);
      await allLetGo();
    });

    test('whose client leaves in the middle of it', async () => {
      const client = await open();
      client.send(post('/sha256', 'Content-Length: 1000000000')).send(Buffer.alloc(300_000));
      await expect.poll(async () => (await owin.runtime.stats()).dotnetExchanges).toBe(1);
      client.socket.resetAndDestroy();
      await allLetGo();
    });
  });

  test('leaves nothing behind when the client goes at once', async () => {
    const { server, port } = await serve(express().use(kitchen));
    owin.attach(server);
    for (let i = 0; i < 200; i++) {
      const client = (await Connection.open(port)).send(handshake('/hello'));
      client.socket.resetAndDestroy();
    }
    await allLetGo();
  });

  test('is let go when the client leaves in the middle of an ordinary answer', async () => {
    const { server, port } = await serve(express().use(kitchen));
    owin.attach(server);
    const id = topic();
    const path = script(`id=${id}`, 'write=begun', 'flush', 'note=begun', 'cancelled');
    const client = (await Connection.open(port)).get(path, ...echoHeaders);
    await client.until('begun');
    client.socket.end();
    await allLetGo();
  });

  test('is let go when the client leaves while the app thinks', async () => {
    const { server, port } = await serve(express().use(kitchen));
    owin.attach(server);
    const id = topic();
    const path = script(`id=${id}`, 'note=begun', 'cancelled');
    const client = (await Connection.open(port)).get(path, ...echoHeaders);
    await notes(id);
    client.destroy();
    await allLetGo();
  });
});

describe.each(['before', 'after'])('a listener of ws added %s attach', (order) => {
  async function serveBoth(): Promise<{ port: number; server: http.Server; asked: string[] }> {
    const asked: string[] = [];
    const app = express().use((req, _res, next) => {
      asked.push(req.url);
      next();
    }, kitchen);
    const { server, port } = await serve(app);
    const wss = new WebSocketServer({ noServer: true });
    wss.on('connection', (socket) => socket.on('message', (data) => socket.send(`ws: ${data}`)));
    if (order === 'after') owin.attach(server);
    server.on('upgrade', (req, socket, head) => {
      if (req.url === '/ws')
        wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws));
      else if (req.url === '/late')
        setTimeout(
          () => wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws)),
          50,
        );
    });
    if (order === 'before') owin.attach(server);
    return { port, server, asked };
  }

  async function echo(url: string): Promise<string> {
    const client = new WebSocket(url);
    await once(client, 'open');
    client.send('hi');
    const [data] = await once(client, 'message');
    client.close();
    await once(client, 'close');
    return String(data);
  }

  test('is left its own paths, and no handler hears of them', async () => {
    const { port, asked } = await serveBoth();
    expect(await echo(`ws://127.0.0.1:${port}/ws`)).toBe('ws: hi');
    expect(asked).toEqual([]);
  });

  test('may decide late', async () => {
    const { port, asked } = await serveBoth();
    expect(await echo(`ws://127.0.0.1:${port}/late`)).toBe('ws: hi');
    expect(asked).toEqual(['/late']);
    await allLetGo();
  });

  test('is left what nobody accepts: nothing is written, nothing of ours stays on the socket', async () => {
    const { port, server } = await serveBoth();
    const client = (await Connection.open(port)).send(handshake('/hello'));
    const [, socket] = (await once(server, 'upgrade')) as [unknown, Socket];
    const before = socket.eventNames();
    await allLetGo();
    expect(socket.destroyed).toBe(false);
    expect(socket.bytesWritten).toBe(0);
    expect(socket.eventNames().filter((name) => name !== 'error')).toEqual(
      before.filter((name) => name !== 'error' && name !== 'close'),
    );
    expect(client.received).toBe('');
    socket.write('theirs');
    expect(await client.until('theirs')).toBe('theirs');
  });

  test('is alone in hearing of errors once the socket is left to it', async () => {
    const { port, server } = await serveBoth();
    (await Connection.open(port)).send(handshake('/hello'));
    const [, socket] = (await once(server, 'upgrade')) as [unknown, Socket];
    const theirs = () => {};
    socket.on('error', theirs);
    await allLetGo();
    expect(socket.listeners('error')).toEqual([theirs]);
  });
});
