// What a relay makes of sides that say too much, too little or nonsense, and of servers that come and go.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import express from 'express';
import { relay, serve as serveNats } from 'owin/nats';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Kind, message, valueMessage } from '../../src/nats/messages.ts';
import { answerOf, ask, serveHttp2 } from '../support/http2.ts';
import { allLetGo, kitchen, notes, script, topic } from '../support/kitchen.ts';
import { connection, startNats } from '../support/nats.ts';
import { gatewayOver, relayedOver } from '../support/relayed.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

let servers: string;
beforeAll(async () => {
  const nats = await startNats();
  servers = nats.servers;
  return nats.stop;
});

const head = { status: 200, reason: 'OK', lines: ['X-A', '1'], whole: true, trailers: [] };

/** A host that says to each request what it is told to, and lives on. */
async function saying(...messages: Uint8Array[]): Promise<string> {
  const subject = topic();
  const host = await connection(servers);
  host.subscribe(subject, {
    callback: (_, { reply }) => {
      for (const each of messages)
        host.publish(reply as string, each, { reply: `${subject}.inbox.1` });
    },
  });
  alive(host, `${subject}.inbox`);
  await host.flush();
  return subject;
}

/** Hears what is said to an inbox, and answers its pings. */
function alive(peer: NatsConnection, inbox: string, hear: (message: Msg) => void = () => {}): void {
  peer.subscribe(`${inbox}.*`, {
    callback: (_, message) => {
      if (message.subject === `${inbox}.ping`) message.respond(Buffer.from('[]'));
      else hear(message);
    },
  });
}

describe('a gateway', () => {
  const accepted = message(Kind.accepted);
  const text = (kind: number) => message(kind, Buffer.from('no value'));

  test.each<[string, Uint8Array[]]>([
    ['a head that is no value', [text(Kind.head)]],
    ['a head of nothing', [valueMessage(Kind.head, null)]],
    ['a head without lines', [valueMessage(Kind.head, { status: 200, whole: true })]],
    ['a status that is none', [valueMessage(Kind.head, { ...head, status: 9999 })]],
    [
      'a header that is none',
      [valueMessage(Kind.head, { ...head, lines: ['X-A', '1\r\nX-B: 2'] })],
    ],
    ['a body before the head', [message(Kind.data, Buffer.from('body'))]],
    ['an end before the head', [valueMessage(Kind.end, [])]],
    ['credit that is no value', [text(Kind.credit)]],
    ['credit that is no number', [valueMessage(Kind.credit, 'much')]],
    ['an abort', [message(Kind.abort)]],
  ])('answers 502 for %s', async (_, messages) => {
    const { url } = await gatewayOver(servers, await saying(accepted, ...messages));
    const answer = await request(`${url}/a`, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers['x-b']]).toEqual([502, undefined]);
  });

  test.each<[string, Uint8Array]>([
    ['an end that is no value', text(Kind.end)],
    ['a second head', valueMessage(Kind.head, head)],
    ['more than there is credit for', message(Kind.data, Buffer.alloc(700_000))],
  ])('closes the connection for %s behind the head', async (_, last) => {
    const begun = valueMessage(Kind.head, { ...head, whole: false });
    const messages = [accepted, begun, ...(last.length > 1000 ? [last, last] : [last])];
    const { url } = await gatewayOver(servers, await saying(...messages));
    await expect(request(`${url}/a`)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('does not mind what is empty, of no kind, or of no exchange', async () => {
    const { url, subject, gateway } = await relayedOver(servers);
    const inboxes = new Set<string>();
    gateway.subscribe(subject, {
      callback: (_, { reply = '' }) => {
        inboxes.add(reply.slice(0, reply.lastIndexOf('.')));
      },
    });
    expect((await request(`${url}/hello`)).status).toBe(200);
    await expect.poll(() => inboxes.size).toBe(1);
    const [inbox] = inboxes;
    for (const name of ['1', '999', 'x', 'ping', 'pong', 'pong.1', 'ping.a.b'])
      for (const data of [new Uint8Array(0), message(0), message(99), text(Kind.credit), text(91)])
        gateway.publish(`${inbox}.${name}`, data, { reply: 'nobody' });
    expect((await request(`${url}/hello`)).status).toBe(200);
  });

  test('answers 504 where nobody takes a request, and 503 once it is closed', async () => {
    const { url } = await gatewayOver(servers, await saying(), { timeout: 100 });
    expect((await request(`${url}/a`, { method: 'POST', body: 'x' })).status).toBe(504);
    const gateway = await connection(servers);
    const middleware = relay({ connection: gateway, subject: await saying() });
    const { url: closing } = await serve(middleware);
    const waiting = request(`${closing}/a`);
    await expect.poll(() => gateway.stats().outMsgs).toBeGreaterThan(0);
    middleware.close();
    expect((await waiting).status).toBe(502);
    expect((await request(`${closing}/a`)).status).toBe(503);
  });

  test('answers 502 for a head that no message of the server can hold', async () => {
    const { url } = await relayedOver(servers, (_req, res) => {
      res.setHeader('X-Long', 'a'.repeat(1_200_000)).end('body');
    });
    expect((await request(`${url}/a`)).status).toBe(502);
  });

  test('speaks HTTP/2: bodies, trailers, and a reset where the host is lost', async () => {
    const { url: _, subject, served } = await relayedOver(servers);
    const gateway = await connection(servers);
    const middleware = relay({ connection: gateway, subject });
    onTestFinished(() => middleware.close());
    const { session } = await serveHttp2(middleware);
    const post = (path: string) => ({ ':path': path, ':method': 'POST', trailer: 'x-sum' });
    const echo = await ask(session, post('/echo'), ['te', 'xt']);
    expect([echo.status, echo.text]).toEqual([200, 'text']);
    const trailers = await ask(session, post('/trailers?send=X-End:yes'), ['text'], { 'x-sum': 4 });
    expect(trailers.text).toContain('trailers=x-sum:4');
    expect(trailers.trailers).toEqual(['x-end', 'yes']);
    const id = topic();
    const path = script(`id=${id}`, 'write=begun', 'flush', `note=here`, `await=${id}:go`);
    const begun = answerOf(session.request({ ':path': path }));
    await notes(id);
    await served.close({ drain: 0 });
    expect(await begun).toMatchObject({ status: 200, text: 'begun', code: 2 });
    await allLetGo();
  });
});

describe('a host', () => {
  const asked = {
    ...{ method: 'GET', url: '/hello', originalUrl: '/hello', secure: false },
    ...{ lines: ['Host', 'a'], whole: true },
  };

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a request that is no value', message(Kind.request, Buffer.from('no value'))],
    ['a request of nothing', valueMessage(Kind.request, null)],
    ['a request without lines', valueMessage(Kind.request, { ...asked, lines: undefined })],
    ['lines that are no texts', valueMessage(Kind.request, { ...asked, lines: [1, null] })],
    ['a target that is none', valueMessage(Kind.request, { ...asked, url: 7 })],
    ['another kind', valueMessage(Kind.head, asked)],
  ])('takes no harm from %s', async (_, data) => {
    const { url, subject, gateway } = await relayedOver(servers);
    gateway.publish(subject, data);
    gateway.publish(subject, data, { reply: `nobody.${topic()}` });
    expect((await request(`${url}/hello`)).status).toBe(200);
    await allLetGo();
  });

  test.each<[string, Uint8Array[]]>([
    ['an end that is no value', [message(Kind.end, Buffer.from('no value'))]],
    ['an end of nothing', [valueMessage(Kind.end, 7)]],
    ['credit that is no number', [valueMessage(Kind.credit, 'much')]],
    ['more than there is credit for', Array(2).fill(message(Kind.data, Buffer.alloc(700_000)))],
  ])('aborts a request whose gateway sends %s', async (_, messages) => {
    const { subject } = await relayedOver(servers);
    const gateway = await connection(servers);
    const id = topic();
    const kinds: (number | undefined)[] = [];
    let peer = '';
    alive(gateway, `gateway.${id}`, ({ data, reply }) => {
      kinds.push(data[0]);
      if (data[0] === Kind.accepted) peer = reply as string;
    });
    await gateway.flush();
    const url = `/cancelled-log?id=${id}`;
    const request = { ...asked, method: 'POST', url, originalUrl: url, whole: false };
    gateway.publish(subject, valueMessage(Kind.request, request), { reply: `gateway.${id}.1` });
    await notes(`${id}:waiting`);
    await expect.poll(() => peer).not.toBe('');
    for (const each of messages) gateway.publish(peer, each, { reply: `gateway.${id}.1` });
    expect(await notes(id)).toEqual(['cancelled']);
    await expect.poll(() => kinds.at(-1)).toBe(Kind.abort);
    await allLetGo();
  });

  test('that ends loses no request, however many come', async () => {
    const { subject, served } = await relayedOver(servers);
    const { url } = await gatewayOver(servers, subject, { timeout: 60_000 });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    onTestFinished(() => agent.destroy());
    const statuses = new Set<number>();
    const ask = async () => {
      while (!statuses.has(503)) statuses.add((await request(`${url}/hello`, { agent })).status);
    };
    const asking = Array.from({ length: 8 }, ask);
    await expect.poll(() => statuses.has(200)).toBe(true);
    await served.close();
    await Promise.all(asking);
    expect(statuses).toEqual(new Set([200, 503]));
  });

  test('whose handler throws at once aborts the request, and goes on', async () => {
    const { url } = await relayedOver(servers, (req, res) => {
      if (req.url === '/throw') throw new Error('at once');
      res.end('here');
    });
    expect((await request(`${url}/throw`)).status).toBe(502);
    expect((await request(`${url}/`)).body).toBe('here');
  });

  test('of a second group does not mix into the answer of the first', async () => {
    const subject = topic();
    for (const queue of ['one', 'other']) {
      const host = await connection(servers);
      const listener: http.RequestListener = (_req, res) => {
        setImmediate(() => res.write(queue, () => res.end(queue)));
      };
      const served = serveNats(listener, { connection: host, subject, queue });
      onTestFinished(() => served.close({ drain: 0 }));
      await host.flush();
    }
    const { url } = await gatewayOver(servers, subject);
    for (let i = 0; i < 20; i++)
      expect(['oneone', 'otherother']).toContain((await request(url)).body);
    await allLetGo();
  });

  test('that is closed aborts what has not ended in time', async () => {
    const { url, served } = await relayedOver(servers);
    const id = topic();
    const answer = request(`${url}/cancelled-log?id=${id}`);
    await notes(`${id}:waiting`);
    await served.close({ drain: 10 });
    expect((await answer).status).toBe(502);
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('may be an express app with a handler in it; header lines keep order, case and bytes', async () => {
    const app = express().disable('x-powered-by');
    app.use('/kitchen', kitchen);
    app.get('/lines', (req, res) => {
      res.setHeader('X-Two', ['1', '2']).setHeader('x-latin', '\xe9\xff');
      res.end(JSON.stringify(req.rawHeaders), 'latin1');
    });
    const { url } = await relayedOver(servers, app);
    const hello = await request(`${url}/kitchen/hello`);
    expect([hello.status, hello.headers['content-type']]).toEqual([200, 'text/html']);
    const sent = ['X-two', 'a', 'x-TWO', 'b', 'X-Latin', '\xe9\xff', 'Cookie', 'a=1'];
    const req = http.request(`${url}/lines`, { agent: false, headers: ['Host', 'a', ...sent] });
    const [res] = (await once(req.end(), 'response')) as [http.IncomingMessage];
    const body = (await res.setEncoding('latin1').toArray()).join('');
    const arrived = JSON.parse(body) as string[];
    expect(arrived.slice(0, 2 + sent.length)).toEqual(['Host', 'a', ...sent]);
    const raw = res.rawHeaders.join('\n');
    expect(raw).toContain('X-Two\n1\nX-Two\n2');
    expect(raw).toContain('x-latin\n\xe9\xff');
  });
});

test('a server that is killed and comes back serves again', async () => {
  const first = await startNats();
  const running = [first];
  // What is asked for first comes last: a connection that is closed as its server goes may fail with nobody listening.
  onTestFinished(async () => {
    for (const each of running) await each.stop();
  });
  const { url } = await relayedOver(first.servers);
  const id = topic();
  const answer = request(`${url}/cancelled-log?id=${id}`);
  await notes(`${id}:waiting`);
  await killed(first.server);
  expect((await answer).status).toBe(502);
  expect(await notes(id)).toEqual(['cancelled']);
  running.push(await startNats('-p', first.servers.split(':')[1] as string));
  await expect
    .poll(async () => (await request(`${url}/hello`)).status, { timeout: 20_000 })
    .toBe(200);
  await allLetGo();
}, 60_000);

async function killed(server: ChildProcess): Promise<void> {
  server.kill('SIGKILL');
  await once(server, 'exit');
}
