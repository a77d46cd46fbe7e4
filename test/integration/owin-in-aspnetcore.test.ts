import express from 'express';
import owin from 'owin';
import { beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { lines } from '../support/lines.ts';
import { load } from '../support/load.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { serveFile } from '../support/serve-file.ts';
import { Client } from '../support/upgrade.ts';

// An ASP.NET Core app that brings an OWIN adapter and has OWIN middleware in its pipeline.
const app = appPath('OwinInAspNetCore');
const properties = { place: 'Bremen', greet: (name: string) => `hello, ${name}` };
const handler = owin(app, { properties });
const errors: Error[] = [];
handler.on('error', (error) => errors.push(error));

type Owin = { owin?: Record<string, unknown> };
const front = express()
  .use((req, _res, next) => {
    (req as Owin).owin = { lucky: 7 };
    next();
  })
  .use('/app', handler);

let url: string;
beforeAll(async () => {
  ({ url } = await serveFile(front, handler, '/app', errors));
});

describe('OWIN middleware in an ASP.NET Core app', () => {
  test('answers', async () => {
    expect(await handler.ready).toMatchObject({ kind: 'aspnetcore' });
    const { status, headers, body } = await request(`${url}/hello`);
    expect([status, headers['content-length'], body]).toEqual([200, '20', 'Hello World via OWIN']);
  });

  test('has the whole environment', async () => {
    const keys = lines((await request(`${url}/keys?a=%20b`)).body);
    expect(keys).toMatchObject({
      'owin.Version': '1.0',
      'owin.RequestMethod': 'GET',
      'owin.RequestScheme': 'http',
      'owin.RequestProtocol': 'HTTP/1.1',
      'owin.RequestPathBase': '/app',
      'owin.RequestPath': '/keys',
      'owin.RequestQueryString': 'a=%20b',
      'owin.ResponseStatusCode': '200',
      'owin.CallCancelled': 'CancellationToken',
      'server.RemoteIpAddress': '127.0.0.1',
      'server.RemotePort': expect.stringMatching(/^\d+$/),
      'server.LocalIpAddress': '127.0.0.1',
      'server.LocalPort': new URL(url).port,
      'server.IsLocal': 'True',
      'server.OnSendingHeaders': 'Action`2',
      'sendfile.SendAsync': 'Func`5',
      'common.Disconnect': 'Action',
      'node.RawTarget': '/app/keys?a=%20b',
      'node.OriginalUrl': '/app/keys?a=%20b',
      'node.place': 'Bremen',
      'node.lucky': '7',
      'node.greet': 'Func`2',
      'node.HttpMessageHandler': 'NodeHttpMessageHandler',
    });
    expect(keys).not.toHaveProperty(['websocket.Accept']);
    expect(keys).not.toHaveProperty(['node.Next']);
  });

  test('calls functions of JavaScript’s', async () => {
    expect((await request(`${url}/call`)).body).toBe('hello, OWIN');
  });

  test('runs OnSendingHeaders callbacks once, the last registered first', async () => {
    for (const path of ['/hello', '/elsewhere'])
      expect(valuesOf(await request(url + path), 'X-Order')).toEqual(['first', 'second']);
  });

  test('streams bodies', async () => {
    const body = Buffer.alloc(1_000_000, 'owin in asp.net core ');
    const answer = await request(`${url}/echo`, { method: 'POST', body });
    expect(answer.bytes.equals(body)).toBe(true);
  });

  test('sends files', async () => {
    expect((await request(`${url}/file`)).body).toBe('MZ');
  });

  test('sets the user', async () => {
    expect((await request(`${url}/user`)).body).toBe('Ella');
  });

  test('goes on with what is behind it, which sees the same keys', async () => {
    const { body } = await request(`${url}/else/where`);
    expect(body).toBe("behind OWIN: a note of OWIN's /app/else/where");
  });

  test('goes on with express through node.Next, and resumes', async () => {
    const passing = load(app, { fallthrough: true });
    const { url } = await serve(
      express()
        .use(passing)
        .get('/next', (_req, res) => void res.status(203).end('express')),
    );
    const { status, body } = await request(`${url}/next`);
    expect([status, body]).toEqual([203, 'express']);
    // It resumes when the response has left, which the client has by then.
    await expect.poll(async () => (await request(`${url}/notes`)).body).toBe('203 True');
  });

  test.each([
    ['accept', ['echo']],
    ['accept-alt', []],
  ])('serves WebSockets: %s', async (path, protocols) => {
    const client = await Client.open(`${url.replace('http', 'ws')}/${path}`, protocols);
    expect(client.socket.protocol).toBe(protocols[0] ?? '');
    expect(await client.echo('hello')).toBe('hello');
    const bytes = Buffer.alloc(50_000, 'bytes ');
    expect(await client.echo(bytes)).toEqual(bytes);
    client.socket.close(4001, 'done');
    expect(await client.closed).toEqual({ code: 4001, reason: 'done' });
  });
});
