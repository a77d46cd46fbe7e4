import express from 'express';
import owin from 'owin';
import { beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { load } from '../support/load.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { serveFile } from '../support/serve-file.ts';
import { Client } from '../support/upgrade.ts';

// An OWIN app whose own code hosts ASP.NET Core, with an IServer over the OWIN environment.
const app = appPath('AspNetCoreOnOwin');
const handler = owin(app);
const errors: Error[] = [];
handler.on('error', (error) => errors.push(error));

const front = express()
  .use((req, _res, next) => {
    if (req.headers['x-user']) Object.assign(req, { user: { name: req.headers['x-user'] } });
    next();
  })
  .use('/app', handler);

let url: string;
let port: number;
beforeAll(async () => {
  ({ url, port } = await serveFile(front, handler, '/app', errors));
});

describe('ASP.NET Core on an IServer of the app’s own', () => {
  test('answers, as an app of OWIN', async () => {
    expect(await handler.ready).toMatchObject({ kind: 'owin', type: 'AspNetCoreOnOwin.Startup' });
    const { status, headers, body } = await request(`${url}/hello`);
    expect([status, body]).toEqual([200, 'Hello from ASP.NET Core']);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('sees the request', async () => {
    const headers = { 'X-Two': ['one', 'two'], 'X-User': 'ella' };
    const { body } = await request(`${url}/request?a=%20b`, { headers });
    expect(body).toBe(`GET http://127.0.0.1:${port}|/app|/request|?a=%20b|one,two|127.0.0.1|ella`);
  });

  test('routes, binds and writes JSON', async () => {
    const { headers, body } = await request(`${url}/json/s%C3%BC%C3%9F?count=3`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body)).toEqual({ süß: 3 });
    expect((await request(`${url}/json/x?count=y`)).status).toBe(400);
    expect((await request(`${url}/nowhere`)).status).toBe(404);
  });

  test('runs OnStarting before the headers leave', async () => {
    const answer = await request(`${url}/headers`);
    expect(answer.status).toBe(202);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(answer.headers['x-late']).toBe('set at the start');
  });

  test('streams both ways', async () => {
    const body = Buffer.alloc(1_000_000, 'asp.net core on owin ');
    const answer = await request(`${url}/echo`, { method: 'POST', body });
    expect(answer.bytes.equals(body)).toBe(true);
    expect((await request(`${url}/ticks`)).body).toBe('tick 0\ntick 1\ntick 2\n');
  });

  test('handles its own exceptions', async () => {
    const { status, body } = await request(`${url}/throw`);
    expect([status, body]).toEqual([500, 'handled']);
  });

  test('answers what is no WebSocket', async () => {
    const { status, body } = await request(`${url}/ws`);
    expect([status, body]).toEqual([400, '"no WebSocket"']);
  });

  test('keeps the connection for the next request', async () => {
    const client = await Connection.open(port);
    for (let i = 0; i < 3; i++)
      expect((await client.get('/app/hello').response()).text).toBe('Hello from ASP.NET Core');
  });

  test('stops with the handler', async () => {
    const said: string[] = [];
    const stopping = load(app, { log: ({ message }) => void said.push(message) });
    await stopping.ready;
    await stopping.close();
    await expect.poll(() => said).toEqual(['stopped']);
  });
});

describe.each([
  ['websocket.Accept, which its adapter turns into ASP.NET Core’s', {}],
  ['websocket.AcceptAlt of the server', { noAdapter: true }],
])('a WebSocket by %s', (_, properties) => {
  test('echoes, with the protocol and the Close of both sides', async () => {
    const { server, url } = await serve(express().use(load(app, { properties })));
    owin.attach(server);
    const client = await Client.open(`${url.replace('http', 'ws')}/ws`, ['chat', 'other']);
    expect(client.socket.protocol).toBe('chat');
    expect(await client.echo('hello')).toBe('hello');
    const bytes = Buffer.alloc(200_000, 'bytes ');
    client.socket.send(bytes);
    const received: Buffer[] = [];
    while (Buffer.concat(received).length < bytes.length)
      received.push(Buffer.from(await client.message()));
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    client.socket.close(4002, 'enough');
    expect(await client.closed).toEqual({ code: 4002, reason: 'enough' });
    expect((await request(`${url}/hello`)).status).toBe(200);
  });

  test('several at once, of which one is dropped', async () => {
    const { server, url } = await serve(express().use(load(app, { properties })));
    owin.attach(server);
    const ws = `${url.replace('http', 'ws')}/ws`;
    const clients = await Promise.all(Array.from({ length: 5 }, () => Client.open(ws)));
    clients[2]?.socket.terminate();
    const rest = clients.filter((_, i) => i !== 2);
    expect(await Promise.all(rest.map((client, i) => client.echo(`${i}`)))).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
    for (const client of rest) client.socket.close(1000);
    expect((await Promise.all(rest.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([
      1000, 1000, 1000, 1000,
    ]);
  });
});
