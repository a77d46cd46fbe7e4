import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import owin from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { features, notes, topic } from '../support/aspnet-http.ts';
import { certificate } from '../support/certificates.ts';
import { Connection } from '../support/connection.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { Client } from '../support/web-socket.ts';

async function attached() {
  const served = await serve(express().use('/app', features));
  owin.attach(served.server);
  return served;
}

describe('IHttpUpgradeFeature', () => {
  test('gives the socket to the app, behind the headers that it has set', async () => {
    const { port } = await attached();
    const of = topic();
    const connection = await Connection.open(port);
    connection.send(
      `GET /app/upgrade?topic=${of} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\nearly\n`,
    );
    const { status, headers } = await connection.response();
    expect([
      status,
      headers.get('upgrade'),
      headers.get('x-upgrade'),
      headers.get('x-starting'),
    ]).toEqual([101, ['lines'], ['1'], ['1']]);
    await connection.until('got early\n');
    connection.send('more\n');
    await connection.until('got more\n');
    connection.send('end\n');
    expect(await connection.end()).toBe('');
    expect(await notes(of)).toEqual([
      expect.stringMatching(/^101 True InvalidOperationException: .* can only be called once/),
    ]);
  });

  test('is there for requests that ask for none, and refuses them', async () => {
    const { url } = await serve(features);
    expect(JSON.parse((await request(`${url}/request`)).body).upgradable).toBe(false);
    expect((await request(`${url}/upgrade/refused`)).body).toMatch(
      /^InvalidOperationException: Cannot upgrade a non-upgradable request/,
    );
  });
});

describe("ASP.NET Core's WebSockets", () => {
  test('echo text and bytes, with a subprotocol, below a mount', async () => {
    const { port } = await attached();
    const client = await Client.open(`ws://127.0.0.1:${port}/app/socket`, ['chat']);
    expect(client.socket.protocol).toBe('chat');
    expect(await client.echo('text é')).toBe('text é');
    const bytes = Buffer.alloc(50_000, 'ab');
    expect(((await client.echo(bytes)) as Buffer).equals(bytes)).toBe(true);
    client.socket.close(4001, 'enough');
    expect(await client.closed).toEqual({ code: 4001, reason: 'bye' });
  });

  test('are told from ordinary requests', async () => {
    const { url } = await attached();
    expect((await request(`${url}/app/socket`)).body).toBe('no WebSocket');
  });
});

describe('WebSockets over HTTP/2', () => {
  async function connected() {
    const server = http2.createServer({ settings: { enableConnectProtocol: true } });
    server.on('request', features as never);
    owin.attach(server as never);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    await once(session, 'remoteSettings');
    return session;
  }

  // A frame of a client's: masked with zeros.
  const frame = (opcode: number, payload: string | Buffer) =>
    Buffer.concat([
      Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]),
      Buffer.from(payload),
    ]);

  test('are accepted by IHttpExtendedConnectFeature', async () => {
    const session = await connected();
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/socket',
      'sec-websocket-version': '13',
    });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(200);
    let received = Buffer.alloc(0);
    stream.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
    });
    stream.write(frame(1, 'over HTTP/2'));
    await expect.poll(() => received.subarray(2).toString()).toBe('over HTTP/2');
    stream.write(frame(8, Buffer.from([0x03, 0xe8])));
    await once(stream, 'end');
    expect(received.subarray(-3).toString()).toBe('bye');
  });

  test('a CONNECT that is no extended one is refused', async () => {
    const session = await connected();
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(405);
    stream.close();
  });
});

test('IPersistentStateFeature keeps what belongs to a connection until it closes', async () => {
  const { url, port } = await serve(features);
  const kept = async () => (await request(`${url}/state/kept`)).body;
  const first = await Connection.open(port);
  for (const count of ['1', '2', '3'])
    expect((await first.get('/state').response()).text).toBe(count);
  const second = await Connection.open(port);
  expect((await second.get('/state').response()).text).toBe('1');
  expect(await kept()).toBe('2');
  first.destroy();
  await expect.poll(kept).toBe('1');
  second.destroy();
  await expect.poll(kept).toBe('0');
});

describe('ITlsConnectionFeature', () => {
  async function secured(path: string, client?: string) {
    const server = certificate('server');
    const issuer = certificate('issuer');
    const own = client ? certificate(client, 'issuer') : undefined;
    const listening = https
      .createServer(
        {
          key: server.key,
          cert: server.cert,
          ca: issuer.cert,
          requestCert: true,
          rejectUnauthorized: false,
        },
        features,
      )
      .listen(0, '127.0.0.1');
    await once(listening, 'listening');
    onTestFinished(() => {
      listening.closeAllConnections();
      listening.close();
    });
    const { port } = listening.address() as AddressInfo;
    const req = https.get(`https://127.0.0.1:${port}${path}`, {
      agent: false,
      rejectUnauthorized: false,
      servername: 'localhost',
      ...own,
    });
    const [res] = await once(req, 'response');
    let text = '';
    for await (const part of res) text += part;
    return JSON.parse(text);
  }

  test("has the client's certificate", async () => {
    expect(await secured('/tls', 'ella')).toMatchObject({
      secure: true,
      subject: 'CN=ella',
      loaded: 'CN=ella',
      handshake: true,
      protocol: 'Tls13',
      suite: expect.stringMatching(/^TLS_/),
      name: 'localhost',
    });
  });

  test('is there without one', async () => {
    expect(await secured('/tls')).toMatchObject({ secure: true, subject: null, loaded: null });
  });

  test('is absent on a connection without TLS', async () => {
    const { url } = await serve(features);
    expect(JSON.parse((await request(`${url}/tls`)).body)).toMatchObject({
      secure: false,
      handshake: false,
    });
  });
});
