import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, lines, topic } from '../support/kitchen.ts';
import { answerOf, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe('the environment dictionary', () => {
  test('compares keys with case, refuses Add of a key that is there and throws on a missing one', async () => {
    const { url } = await serve(kitchen);
    expect(lines((await request(`${url}/dictionary`)).body)).toMatchObject({
      otherCase: 'False',
      missing: 'System.Collections.Generic.KeyNotFoundException',
      addExisting: 'System.ArgumentException',
      addTwice: 'System.ArgumentException',
    });
  });

  test('lets any key be added, replaced and removed', async () => {
    const { url } = await serve(kitchen);
    expect(lines((await request(`${url}/dictionary`)).body)).toMatchObject({
      removed: 'True',
      counted: 'True',
      replaced: 'MINE',
      hostReplaced: 'renamed for this request',
      removedKnown: 'True',
      removedHost: 'True',
      readOnly: 'False',
      sameStreams: 'True',
    });
  });

  test('is the only one of its request: what one request changed, the next one does not see', async () => {
    const { url } = await serve(kitchen);
    await request(`${url}/dictionary`);
    const { body } = await request(`${url}/env`);
    expect(lines(body)).toMatchObject({
      'owin.RequestMethod': 'GET',
      'host.AppName': 'Kitchen.Startup',
    });
  });

  test('stays readable and unchanged under an app that kept it', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    await request(`${url}/keep?id=${id}`, { agent, headers: { 'X-Kept': 'the first' } });
    for (let i = 0; i < 20; i++)
      await request(`${url}/hello?${i}`, { agent, headers: { 'X-Kept': 'another' } });
    const { body } = await request(`${url}/kept?id=${id}`, {
      agent,
      headers: { 'X-Kept': 'the last' },
    });
    expect(lines(body)).toEqual({
      same: 'False',
      sameHeaders: 'False',
      path: '/keep',
      query: `id=${id}`,
      header: 'the first',
      cancelled: 'False',
    });
  });

  test('has every required key, not null, with the type it must have', async () => {
    const { url } = await serve(kitchen);
    const types = lines((await request(`${url}/env?keys`)).body);
    const wanted: Record<string, string | RegExp> = {
      'owin.RequestBody': /Stream/,
      'owin.RequestMethod': 'System.String',
      'owin.RequestPath': 'System.String',
      'owin.RequestPathBase': 'System.String',
      'owin.RequestProtocol': 'System.String',
      'owin.RequestQueryString': 'System.String',
      'owin.RequestScheme': 'System.String',
      'owin.RequestId': 'System.String',
      'owin.ResponseBody': /ResponseBody$/,
      'owin.ResponseStatusCode': 'System.Int32',
      'owin.CallCancelled': 'System.Threading.CancellationToken',
      'owin.Version': 'System.String',
      'common.Disconnect': 'System.Action',
      'server.IsLocal': 'System.Boolean',
      'server.OnSendingHeaders': 'System.Action`2[System.Action`1[System.Object],System.Object]',
      'server.DisableRequestBuffering': 'System.Action',
      'server.DisableResponseBuffering': 'System.Action',
    };
    for (const [key, type] of Object.entries(wanted)) expect(types[key], key).toMatch(type);
    expect(types['owin.RequestHeaders']).toBeDefined();
    expect(types['owin.ResponseHeaders']).toBe(types['owin.RequestHeaders']);
  });

  test('leaves optional keys out instead of setting them to null', async () => {
    const { url } = await serve(kitchen);
    const keys = Object.keys(lines((await request(`${url}/env?keys`)).body));
    expect(keys).not.toContain('owin.ResponseReasonPhrase');
    expect(keys).not.toContain('owin.RequestUser');
    expect(keys).not.toContain('server.User');
    expect(keys).not.toContain('ssl.ClientCertificate');
    expect(keys).not.toContain('websocket.Accept');
    expect(keys).not.toContain('opaque.Upgrade');
    expect(keys).not.toContain('node.BodyConsumed');
    expect(keys).not.toContain('node.Next');
    expect(lines((await request(`${url}/dictionary`)).body)['nulls']).toBe('0');
  });
});

describe.each(['request', 'response'])('the %s headers', (of) => {
  test('compare names without case and keep the casing of the first', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/header-dictionary?of=${of}`);
    expect(lines(body)).toMatchObject({
      contains: 'True',
      casing: 'X-Mine',
      addTwice: 'System.ArgumentException',
      missing: 'System.Collections.Generic.KeyNotFoundException',
      removed: 'True',
      enumerated: 'True',
      assigned: 'assigned',
    });
  });

  test('hand out and take copies: a change persists only by assigning it', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/header-dictionary?of=${of}`);
    expect(lines(body)).toMatchObject({ otherCase: 'one|two, three', given: 'given' });
  });
});

describe('keys of the connection', () => {
  test.each(Object.keys(frontends))('say who is connected to whom, in %s', async (name) => {
    const { url, port } = await serve((frontends[name] as (typeof frontends)[string])(kitchen));
    const req = http.get(`${url}/env`, { agent: false });
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    const localPort = req.socket?.localPort;
    expect(lines((await answerOf(res)).body)).toMatchObject({
      'server.RemoteIpAddress': '127.0.0.1',
      'server.RemotePort': String(localPort),
      'server.LocalIpAddress': '127.0.0.1',
      'server.LocalPort': String(port),
      'server.IsLocal': 'True',
      'owin.RequestScheme': 'http',
      'owin.Version': '1.0',
    });
  });

  test('un-map an IPv4 address that came in over IPv6', async () => {
    const server = http.createServer(kitchen).listen(0, '::');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const mapped = lines((await request(`http://127.0.0.1:${port}/env`)).body);
    expect(mapped).toMatchObject({
      'server.RemoteIpAddress': '127.0.0.1',
      'server.LocalIpAddress': '127.0.0.1',
    });
    const six = lines((await request(`http://[::1]:${port}/env`)).body);
    expect(six).toMatchObject({ 'server.RemoteIpAddress': '::1', 'server.IsLocal': 'True' });
  });

  test('are absent on a unix socket, which is local', async () => {
    const socketPath = path.join(os.tmpdir(), `owin-${process.pid}-${topic()}.sock`);
    const server = http.createServer(kitchen).listen(socketPath);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const env = lines((await request('http://unix/env', { socketPath })).body);
    expect(env['server.IsLocal']).toBe('True');
    for (const key of ['RemoteIpAddress', 'RemotePort', 'LocalIpAddress', 'LocalPort'])
      expect(env, key).not.toHaveProperty(`server.${key}`);
  });

  test('give a connection one id and each request its own', async () => {
    const { port } = await serve(kitchen);
    const [first, second] = [await Connection.open(port), await Connection.open(port)];
    const seen = [];
    for (const connection of [first, first, second])
      seen.push(lines((await connection.get('/env').response()).text));
    const [a, b, c] = seen.map((env) => env['server.ConnectionId']);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(new Set(seen.map((env) => env['owin.RequestId'])).size).toBe(3);
  });
});

test('the capabilities are one writable dictionary for all requests', async () => {
  const { url } = await serve(kitchen);
  const first = await request(`${url}/capabilities?put=left-here`);
  const second = await request(`${url}/capabilities?put=`);
  expect([first.body, second.body]).toEqual(['nothing', 'left-here']);
});

test('the user is one under two names, absent until somebody sets it', async () => {
  const { url } = await serve(kitchen);
  expect(lines((await request(`${url}/users`)).body)).toEqual({
    absent: 'True',
    'owin.RequestUser': 'Ella',
    'server.User': 'Louis',
  });
});

test('keys of the host are in every environment', async () => {
  const { url } = await serve(kitchen);
  const types = lines((await request(`${url}/env?keys`)).body);
  expect(types['host.TraceOutput']).toMatch(/TextWriter/);
  expect(types['host.OnAppDisposing']).toBe('System.Threading.CancellationToken');
  expect(types['host.AppName']).toBe('System.String');
});

test('common.Disconnect drops the connection without a response', async () => {
  const { url } = await serve(kitchen);
  await expect(request(`${url}/script?disconnect`)).rejects.toMatchObject({ code: 'ECONNRESET' });
});
