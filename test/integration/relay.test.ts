import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import express from 'express';
import { relay, serve as serveNats } from 'owin/nats';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { withAddon } from '../sanitizers/environment.ts';
import {
  allLetGo,
  kitchen,
  lines,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { connection, startNats } from '../support/nats.ts';
import { gatewayOver, relayedOver } from '../support/relayed.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

let servers: string;
beforeAll(async () => {
  const nats = await startNats();
  servers = nats.servers;
  return nats.stop;
});

const relayed = (listener?: http.RequestListener) => relayedOver(servers, listener);
const gatewayTo = (subject: string, mount?: string) => gatewayOver(servers, subject, { mount });

describe('a request over NATS', () => {
  test('brings method, target, header lines and body, and takes status, reason, header lines and body', async () => {
    const { url } = await relayed();
    const path = script(
      'status=201',
      'reason=Made',
      'header=Set-Cookie:a=1',
      'header=Set-Cookie:b=2',
      'write=text',
    );
    const answer = await request(url + path, { method: 'POST', body: 'x' });
    expect([answer.status, answer.reason, answer.body]).toEqual([201, 'Made', 'text']);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    const echo = await request(`${url}/echo`, { method: 'POST', body: 'Grüße' });
    expect(echo.body).toBe('Grüße');
  });

  test('keeps the mount of the gateway, adds X-Forwarded-For and leaves what is about the connection', async () => {
    const { subject } = await relayed();
    const { url } = await gatewayTo(subject, '/base');
    const { body } = await request(`${url}/base/env?a=%20`, {
      headers: { 'X-A': '1', 'X-Forwarded-For': '10.0.0.1', Connection: 'close, X-B', 'X-B': '2' },
    });
    const env = lines(body);
    expect(env).toMatchObject({
      'owin.RequestPathBase': '/base',
      'owin.RequestPath': '/env',
      'owin.RequestQueryString': 'a=%20',
      'node.OriginalUrl': '/base/env?a=%20',
      'header:X-A': '1',
      'header:X-Forwarded-For': '10.0.0.1, 127.0.0.1',
      'server.IsLocal': 'False',
    });
    expect(Object.keys(env)).not.toContain('header:X-B');
    expect(Object.keys(env)).not.toContain('header:Connection');
  });

  test('may have a body that a parser of the gateway has read', async () => {
    const { subject } = await relayed();
    const gateway = await connection(servers);
    const middleware = relay({ connection: gateway, subject });
    onTestFinished(() => middleware.close());
    const { url } = await serve(express().use(express.json(), middleware));
    const headers = { 'Content-Type': 'application/json' };
    const answer = await request(`${url}/echo`, { method: 'POST', body: '{"a":1}', headers });
    expect(answer.body).toBe('{"a":1}');
  });

  test.each([204, 304, 404])('takes a %i without a body', async (status) => {
    const { url } = await relayed();
    expect((await request(`${url}/status?n=${status}`)).status).toBe(status);
  });

  test('answers a HEAD', async () => {
    const { url } = await relayed();
    const answer = await request(`${url}/hello`, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-type'], answer.body]).toEqual([
      200,
      'text/html',
      '',
    ]);
  });

  test('carries trailers both ways', async () => {
    const { url } = await relayed();
    const req = http.request(`${url}/trailers?send=X-End:yes`, {
      method: 'POST',
      headers: { Trailer: 'X-Sum' },
    });
    req.write('text');
    req.addTrailers({ 'X-Sum': '4' });
    req.end();
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    let body = '';
    for await (const chunk of res) body += chunk;
    expect(body).toContain('trailers=X-Sum:4');
    expect(res.trailers).toEqual({ 'x-end': 'yes' });
  });

  test('comes and goes as it is written', async () => {
    const { url } = await relayed();
    const id = topic();
    const steps = [`id=${id}`, 'write=first', 'flush', `await=${id}:go`, 'write=second'];
    const [res] = await once(http.get(url + script(...steps)), 'response');
    const chunks = res[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('first');
    await kitchen.fetch(`/note?of=${id}:go`);
    expect(String((await chunks.next()).value)).toBe('second');
    expect((await chunks.next()).done).toBe(true);
  });

  test('carries 64 MB both ways', async () => {
    const { url } = await relayed();
    const chunk = randomBytes(1024 * 1024);
    const sum = createHash('sha256');
    const req = http.request(`${url}/echo`, { method: 'POST' });
    const response = once(req, 'response');
    const sent = (async () => {
      for (let i = 0; i < 64; i++) {
        sum.update(chunk);
        if (!req.write(chunk)) await once(req, 'drain');
      }
      req.end();
    })();
    const [res] = (await response) as [http.IncomingMessage];
    const got = createHash('sha256');
    for await (const part of res) got.update(part);
    await sent;
    expect(got.digest('hex')).toBe(sum.digest('hex'));
  }, 60_000);

  test('is held back by a client that does not read, and by an app that does not', async () => {
    const { url, host, gateway } = await relayed();
    const before = host.stats().outBytes;
    const req = http.get(`${url}/big?n=100000000`);
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    await still(() => host.stats().outBytes);
    // What sockets and streams on the way hold, and not the rest.
    expect(host.stats().outBytes - before).toBeLessThan(20_000_000);
    res.destroy();
    await allLetGo();

    const id = topic();
    const sent = gateway.stats().outBytes;
    const upload = http.request(`${url}/script?id=${id}&await=${id}:go`, { method: 'POST' });
    const answered = once(upload, 'response');
    for (let i = 0; i < 100; i++) upload.write(Buffer.alloc(100_000));
    await still(() => gateway.stats().outBytes);
    expect(gateway.stats().outBytes - sent).toBeLessThan(1_000_000);
    await kitchen.fetch(`/note?of=${id}:go`);
    await answered;
    upload.destroy();
    await allLetGo();
  }, 30_000);
});

/** Waits until a figure stays the same for a while. */
async function still(figure: () => number): Promise<void> {
  let last = Number.NaN;
  await expect
    .poll(() => [last, (last = figure())], { interval: 300 })
    .toSatisfy(([before, now]) => before === now);
}

describe('an abort over NATS', () => {
  test('of the client reaches the app', async () => {
    const { url } = await relayed();
    const id = topic();
    const req = http.get(`${url}/cancelled-log?id=${id}`);
    req.on('error', () => {});
    await notes(`${id}:waiting`);
    req.destroy();
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('of the app reaches the client: a closed connection, or 502 before the head', async () => {
    const { url } = await relayed();
    const id = topic();
    const path = script(`id=${id}`, 'write=text', 'flush', `await=${id}:go`, 'throw=late');
    const req = http.get(url + path);
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    await kitchen.fetch(`/note?of=${id}:go`);
    await expect(once(res.resume(), 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(reportedErrors()).toMatchObject([{ message: 'late' }]);
    expect((await request(url + script('disconnect'))).status).toBe(502);
  });

  test('of an upload that the app answers early leaves the rest of it', async () => {
    const { url } = await relayed();
    const answer = await request(`${url}/read-partly?n=1`, {
      method: 'POST',
      body: Buffer.alloc(200_000),
    });
    expect([answer.status, answer.body]).toEqual([200, '1']);
    await allLetGo();
  });
});

describe('a host', () => {
  const hosts: ChildProcess[] = [];

  /** A host in a process of its own, which answers with its number. */
  async function start(subject: string, name: string): Promise<ChildProcess> {
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, '../support/nats-host.mjs'), servers, subject, name],
      { env: withAddon(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    hosts.push(child);
    onTestFinished(async () => {
      if (child.kill('SIGKILL')) await once(child, 'exit');
    });
    await once(child.stdout, 'data');
    return child;
  }

  test('that is not there is a 503, which may be tried again', async () => {
    const { url } = await gatewayTo(topic());
    const answer = await request(`${url}/hello`, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  });

  test('that is killed is a 502, or a closed connection behind the head; the others of its group go on', async () => {
    const subject = topic();
    const [first] = await Promise.all([start(subject, 'a'), start(subject, 'b')]);
    const { url } = await gatewayTo(subject);
    const names = new Set<string>();
    await expect
      .poll(async () => names.add((await request(`${url}/name`)).body))
      .toEqual(new Set(['a', 'b']));

    // On each host some wait before their head, and some behind it.
    const waiting = Array.from({ length: 16 }, () => request(`${url}/wait`));
    const begun = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const [res] = await once(http.get(`${url}/begin`, { agent: false }), 'response');
        return res as http.IncomingMessage;
      }),
    );
    const of = (name: string) => begun.filter((res) => res.headers['x-name'] === name);
    expect(of('a').length * of('b').length).toBeGreaterThan(0);
    const ends = Promise.allSettled(of('a').map((res) => once(res.resume(), 'end')));
    first?.kill('SIGKILL');
    for (const end of await ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } });
    const lost = await Promise.any(waiting);
    expect(lost.status).toBe(502);
    expect((await request(`${url}/name`)).body).toBe('b');
    // What the other one does goes on.
    expect(of('b').every((res) => !res.destroyed)).toBe(true);
    for (const res of begun) res.destroy();
    await request(`${url}/go`);
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 502]));
  }, 60_000);

  test('that is closed ends what it has begun, and takes no more', async () => {
    const subject = topic();
    const host = await connection(servers);
    const served = serveNats(kitchen, { connection: host, subject });
    await host.flush();
    const { url } = await gatewayTo(subject);
    const id = topic();
    const answer = request(url + script(`id=${id}`, `note=here`, `await=${id}:go`, 'write=done'));
    await notes(id);
    const closed = served.close();
    await host.flush();
    expect((await request(`${url}/hello`)).status).toBe(503);
    await kitchen.fetch(`/note?of=${id}:go`);
    expect((await answer).body).toBe('done');
    await closed;
    await allLetGo();
  });

  test('whose gateway is gone cancels what it does for it', async () => {
    const { url, gateway } = await relayed();
    const id = topic();
    const answer = request(`${url}/cancelled-log?id=${id}`);
    await notes(`${id}:waiting`);
    await gateway.close();
    expect((await answer).status).toBe(502);
    expect(await notes(id)).toEqual(['cancelled']);
    expect((await request(`${url}/hello`)).status).toBe(503);
    await allLetGo();
  });
});

test('a relay and a host that are closed listen to their connection no more', async () => {
  const shared = await connection(servers);
  const listening = () =>
    (shared as unknown as { protocol: { listeners: unknown[] } }).protocol.listeners.length;
  const before = listening();
  const options = { connection: shared, subject: topic() };
  const [gateway, host] = [relay(options), serveNats(() => {}, options)];
  expect(listening()).toBe(before + 2);
  gateway.close();
  await host.close();
  await expect.poll(listening).toBe(before);
});

describe('an interrupted connection', () => {
  test('ends what is under way on both sides, and serves again when it is back', async () => {
    const { url, host } = await relayed();
    const id = topic();
    const answer = request(`${url}/cancelled-log?id=${id}`);
    await notes(`${id}:waiting`);
    await (host as unknown as { reconnect(): Promise<void> }).reconnect();
    expect((await answer).status).toBe(502);
    expect(await notes(id)).toEqual(['cancelled']);
    await expect.poll(async () => (await request(`${url}/hello`)).status).toBe(200);
  });
});

test('wrong options are named', async () => {
  const gateway = await connection(servers);
  expect(() => relay({ connection: gateway, subject: 'a', time: 1 } as never)).toThrow("'time'");
  expect(() => relay({ connection: {} as never, subject: 'a' })).toThrow('@nats-io/transport-node');
  expect(() => serveNats(kitchen, { connection: gateway } as never)).toThrow(
    'connection and subject',
  );
});
