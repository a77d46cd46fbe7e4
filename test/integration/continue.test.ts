import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import owin from 'owin';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { answerOf } from '../support/http2.ts';
import { allLetGo, kitchen, note, script, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** A server that holds the 100 back, and a connection to it. */
async function attached(listener: http.RequestListener) {
  const { server, port, url } = await serve(listener);
  owin.attach(server, { continue: true });
  return { server, url, connection: await Connection.open(port) };
}

const post = (target: string, length: number, ...lines: string[]) =>
  [
    `POST ${target} HTTP/1.1`,
    ...['Host: a', 'Expect: 100-continue', `Content-Length: ${length}`, ...lines],
    '\r\n',
  ].join('\r\n');

describe.each(Object.entries(frontends))('Expect: 100-continue in %s', (_, frontend) => {
  test('is answered when the app first reads, and the connection goes on', async () => {
    const { connection } = await attached(frontend(kitchen));
    connection.send(post('/echo', 5));
    expect(await connection.until('\r\n\r\n')).toBe(CONTINUE);
    expect((await connection.send('hello').response()).text).toBe('hello');
    expect((await connection.get('/hello').response()).status).toBe(200);
  });

  test('is not answered when the app does not read, and the connection closes', async () => {
    const { connection } = await attached(frontend(kitchen));
    const answer = await connection.send(post('/hello', 5)).response();
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, ['close']]);
    expect(await connection.end()).toBe('');
    await allLetGo();
  });
});

describe('Expect: 100-continue', () => {
  test('waits for the read', async () => {
    const { connection, url } = await attached(kitchen);
    const go = topic();
    connection.send(post(script(`await=${go}`, 'read', 'write=done'), 2));
    await request(`${url}/hello`);
    expect(connection.received).toBe('');
    await note(go);
    expect(await connection.until('\r\n\r\n')).toBe(CONTINUE);
    expect((await connection.send('ab').response()).text).toBe('done');
  });

  test('is answered once, however often the app reads', async () => {
    const { connection } = await attached(kitchen);
    const length = 1_000_000;
    connection.send(post('/sync-read', length));
    expect(await connection.until('\r\n\r\n')).toBe(CONTINUE);
    const answer = await connection.send(Buffer.alloc(length)).response();
    expect(answer.text).toMatch(/^1000000 /);
  });

  test('is answered for a parser of JavaScript, in front of the app and behind it', async () => {
    const echo = (req: Request, res: Response) => void res.json(req.body);
    const app = express().use('/front', express.json(), kitchen);
    app.use(kitchen, express.json(), echo);
    for (const target of ['/front/echo', '/next']) {
      const { connection } = await attached(app);
      connection.send(post(target, 7, 'Content-Type: application/json'));
      expect(await connection.until('\r\n\r\n')).toBe(CONTINUE);
      expect((await connection.send('{"a":1}').response()).text).toBe('{"a":1}');
    }
  });

  test('is answered for a body that is collected, and not for one that is too large', async () => {
    const handler = owin(appPath('Kitchen'), { buffering: { request: 'buffer', maxBuffer: 5 } });
    onTestFinished(async () => {
      await handler.close({ drain: 0 });
    });
    await handler.ready;
    const { connection } = await attached(handler);
    connection.send(post('/echo', 5));
    expect(await connection.until('\r\n\r\n')).toBe(CONTINUE);
    expect((await connection.send('hello').response()).text).toBe('hello');
    const refused = await connection.send(post('/echo', 6)).response();
    expect([refused.status, refused.headers.get('connection')]).toEqual([413, ['close']]);
  });

  test('is not answered where the app fails and JavaScript answers for it', async () => {
    const app = express().use(kitchen);
    app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
      res.status(503).send(error.message);
    });
    const { connection } = await attached(app);
    const answer = await connection.send(post(script('throw=broken'), 5)).response();
    expect([answer.status, answer.text]).toEqual([503, 'broken']);
    expect(await connection.end()).toBe('');
  });

  test('of a request without a body, or of none, changes nothing', async () => {
    const { connection } = await attached(kitchen);
    expect((await connection.get('/hello').response()).status).toBe(200);
    const empty = connection.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab');
    expect((await empty.response()).text).toBe('ab');
  });

  test('over HTTP/2 waits for the read as well', async () => {
    const server = http2.createServer(kitchen as never);
    owin.attach(server as never, { continue: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    const ask = async (path: string) => {
      const headers = { ':method': 'POST', ':path': path, expect: '100-continue' };
      const stream = session.request(headers, { endStream: false });
      let continued = false;
      stream.once('continue', () => {
        continued = true;
        stream.end('hello');
      });
      const { text } = await answerOf(stream);
      return [continued, text];
    };
    expect(await ask('/echo')).toEqual([true, 'hello']);
    expect(await ask('/hello')).toEqual([false, '<p>Hello, world from .NET!</p>']);
  });

  test('is left to another listener of the server', async () => {
    const { server, connection } = await attached(kitchen);
    const asked = vi.fn();
    server.on('request', asked);
    server.on('checkContinue', (_req, res) => res.writeHead(417).end());
    expect((await connection.send(post('/echo', 5)).response()).status).toBe(417);
    expect(asked).not.toHaveBeenCalled();
  });

  test('is held once, however often a server is attached to', () => {
    const server = http.createServer();
    owin.attach(server);
    owin.attach(server, { continue: true });
    owin.attach(server, { continue: true });
    expect(server.listenerCount('checkContinue')).toBe(1);
    expect(() => owin.attach(server, { continue: 1 as never })).toThrow(/takes a boolean, not 1/);
  });
});
