import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { certificate } from '../support/certificates.ts';
import { answerOf as http2Answer } from '../support/http2.ts';
import { kitchen, lines } from '../support/kitchen.ts';
import { answerOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const authority = certificate('authority');
const server = certificate('server', 'authority');
const client = certificate('client', 'authority');
const stranger = certificate('stranger');

const asking = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false };

async function listen(app: tls.Server): Promise<number> {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  onTestFinished(() => void app.close());
  return (app.address() as AddressInfo).port;
}

type Options = https.RequestOptions;

async function get(port: number, path: string, options: Options = {}): Promise<string> {
  const defaults = { port, path, host: '127.0.0.1', ca: authority.cert, agent: false } as const;
  const req = https.get({ ...defaults, ...options });
  const [res] = await once(req, 'response');
  return (await answerOf(res)).body;
}

const ask = async (port: number, options: Options = {}) =>
  lines(await get(port, '/certificate', options));

describe('TLS', () => {
  test('is the scheme https', async () => {
    const port = await listen(https.createServer(server, kitchen));
    expect(lines(await get(port, '/env'))).toMatchObject({ 'owin.RequestScheme': 'https' });
  });

  test('shows the certificate of the client', async () => {
    const port = await listen(https.createServer(asking, kitchen));
    expect(await ask(port, { key: client.key, cert: client.cert })).toEqual({
      load: 'True',
      thumbprint: client.thumbprint,
      subject: 'CN=client',
      error: 'absent',
      same: 'True',
    });
  });

  test('says why a certificate was not accepted', async () => {
    const port = await listen(https.createServer(asking, kitchen));
    const shown = await ask(port, { key: stranger.key, cert: stranger.cert });
    expect(shown['thumbprint']).toBe(stranger.thumbprint);
    expect(shown['error']).toMatch(/not accepted: DEPTH_ZERO_SELF_SIGNED_CERT\.$/);
  });

  test.each([
    ['the client shows none', asking],
    ['the server asks for none', server],
  ])('has no certificate where %s', async (_, options) => {
    const port = await listen(https.createServer(options, kitchen));
    expect(await ask(port)).toMatchObject({ load: 'True', thumbprint: 'absent', error: 'absent' });
  });

  test('shows the certificate to every request of a connection', async () => {
    const port = await listen(https.createServer(asking, kitchen));
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 3; i++) {
      const shown = await ask(port, { key: client.key, cert: client.cert, agent });
      expect(shown['thumbprint']).toBe(client.thumbprint);
    }
  });

  test('shows the certificate on HTTP/2', async () => {
    const app = http2.createSecureServer({ ...asking, allowHTTP1: true }, kitchen as never);
    const port = await listen(app as unknown as tls.Server);
    const session = http2.connect(`https://127.0.0.1:${port}`, {
      ...client,
      ca: authority.cert,
    });
    onTestFinished(() => session.destroy());
    const { text } = await http2Answer(session.request({ ':path': '/certificate' }));
    expect(lines(text)).toMatchObject({ load: 'True', thumbprint: client.thumbprint });
  });

  test('is not what a trusted proxy says: its connection has no certificate to load', async () => {
    const { port } = await serve(kitchen);
    const response = await fetch(`http://127.0.0.1:${port}/certificate`, {
      headers: { 'X-Forwarded-Proto': 'https' },
    });
    expect(lines(await response.text())).toMatchObject({ load: 'False', thumbprint: 'absent' });
  });
});
