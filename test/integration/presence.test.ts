import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import owin from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { certificate } from '../support/certificates.ts';
import { Connection } from '../support/connection.ts';
import { ask, serveHttp2 } from '../support/http2.ts';
import { kitchen, lines } from '../support/kitchen.ts';
import { answerOf, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

// Keys that are there in some requests only. Those that need a socket of TLS, a user or trailers have tests of their own.
const sometimes = [
  'node.Next',
  'node.ResponseTrailers',
  'opaque.Upgrade',
  'owin.RequestUser',
  'sendfile.SendAsync',
  'server.LocalPort',
  'server.RemoteIpAddress',
  'server.User',
  'ssl.ClientCertificate',
  'ssl.LoadClientCertAsync',
  'websocket.Accept',
  'websocket.AcceptAlt',
];
const tcp = ['sendfile.SendAsync', 'server.LocalPort', 'server.RemoteIpAddress'];
const path = '/env?keys';

const raw = async (port: number, head: string): Promise<string> => {
  const connection = await Connection.open(port);
  connection.send(`${head}\r\n\r\n`);
  return (await connection.response()).text;
};

const situations: Record<string, { ask: () => Promise<string>; present: string[] }> = {
  'HTTP/1.1': {
    ask: async () => (await request(`${(await serve(kitchen)).url}${path}`)).body,
    present: ['node.ResponseTrailers', ...tcp],
  },
  'HTTP/1.0': {
    ask: async () => raw((await serve(kitchen)).port, `GET ${path} HTTP/1.0`),
    present: tcp,
  },
  'HTTP/2': {
    ask: async () => {
      const { session } = await serveHttp2(kitchen as never, false);
      return (await ask(session, { ':path': path })).text;
    },
    present: ['node.ResponseTrailers', ...tcp],
  },
  TLS: {
    ask: async () => {
      const { key, cert } = certificate('localhost');
      const server = https.createServer({ key, cert }, kitchen).listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const req = https.get({ port, host: '127.0.0.1', path, ca: cert, agent: false });
      const [res] = await once(req, 'response');
      return (await answerOf(res)).body;
    },
    present: ['node.ResponseTrailers', 'ssl.LoadClientCertAsync', ...tcp],
  },
  'a handler behind': {
    ask: async () => (await request(`${(await serve(connect().use(kitchen))).url}${path}`)).body,
    present: ['node.Next', 'node.ResponseTrailers', ...tcp],
  },
  'a user': {
    ask: async () => {
      const { url } = await serve((req, res) => {
        (req as { user?: unknown }).user = 'ella';
        kitchen(req, res);
      });
      return (await request(url + path)).body;
    },
    present: ['node.ResponseTrailers', 'owin.RequestUser', 'server.User', ...tcp],
  },
  'an upgrade to another protocol': {
    ask: async () => {
      const server = owin.attach(http.createServer(kitchen));
      const { port } = await serve(server);
      return raw(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: mine`);
    },
    present: ['node.ResponseTrailers', 'opaque.Upgrade', ...tcp],
  },
  'a WebSocket handshake': {
    ask: async () => {
      const server = owin.attach(http.createServer(kitchen));
      const { port } = await serve(server);
      const handshake = `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==`;
      return raw(
        port,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${handshake}`,
      );
    },
    present: [
      'node.ResponseTrailers',
      'opaque.Upgrade',
      'websocket.Accept',
      'websocket.AcceptAlt',
      ...tcp,
    ],
  },
};

test.each(Object.entries(situations))(
  'keys that work with %s are there, and no others',
  async (_, situation) => {
    const keys = Object.keys(lines(await situation.ask()));
    expect(sometimes.filter((key) => keys.includes(key))).toEqual([...situation.present].sort());
  },
);
