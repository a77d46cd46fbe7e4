import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import express from 'express';
import owin from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { certificate } from '../support/certificates.ts';
import { Connection, type RawResponse } from '../support/connection.ts';
import { allLetGo, kitchen, note, notes, reportedErrors, topic } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';
import { serveUpgrades } from '../support/upgrade.ts';

const headers = ['Connection: Upgrade', 'Upgrade: other/1, more/2'];

/** A client past the 101, and that. */
async function open(
  port: number,
  target: string,
): Promise<{ client: Connection; head: RawResponse }> {
  const client = (await Connection.open(port)).get(target, ...headers);
  const head = await client.response();
  expect(head.status).toBe(101);
  return { client, head };
}

describe('opaque.Upgrade', () => {
  test('answers 101 with the protocol the client asked for first', async () => {
    const { port } = await serveUpgrades();
    const { head } = await open(port, '/opaque-echo');
    expect(head.head.split('\r\n')[0]).toBe('HTTP/1.1 101 Switching Protocols');
    expect(head.headers.get('connection')).toEqual(['Upgrade']);
    expect(head.headers.get('upgrade')).toEqual(['other/1']);
  });

  test('carries a protocol of lines, and ends when the app is done', async () => {
    const { port } = await serveUpgrades();
    const { client } = await open(port, '/opaque-lines');
    client.send('hello\n');
    expect(await client.until('\n')).toBe('olleh\n');
    client.send('one\ntwo\nby');
    expect(await client.until('owt\n')).toBe('eno\nowt\n');
    client.send('e\nlost');
    expect(await client.end()).toBe('so long\n');
    await allLetGo();
  });

  test('reads to the end of a client that has ended its sending, and still answers', async () => {
    const { port } = await serveUpgrades();
    const { client } = await open(port, '/opaque-lines');
    client.socket.end('last\n');
    expect(await client.end()).toBe('tsal\nso long\n');
    await allLetGo();
  });

  test('over TLS as well, where a socket would end with its peer', async () => {
    const { key, cert } = certificate('localhost');
    const server = owin.attach(https.createServer({ key, cert }, kitchen)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const ended = new Promise<tls.TLSSocket>((resolve) => {
      server.on('secureConnection', (socket) =>
        socket.on('end', () => setImmediate(resolve, socket)),
      );
    });
    const id = topic();
    const { port } = server.address() as AddressInfo;
    const client = tls.connect({ port, host: '127.0.0.1', ca: cert });
    onTestFinished(() => void client.destroy());
    const path = `/opaque-script?id=${id}&do=wait,read:50000,write:thanks`;
    let received = '';
    client.on('data', (chunk) => (received += chunk));
    client.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers.join('\r\n')}\r\n\r\n`);
    await once(client, 'data');
    // The app reads when the client has long ended.
    const [socket] = await Promise.all([ended, client.end('x'.repeat(50_000))]);
    expect(socket.destroyed).toBe(false);
    await note(`${id}:go`);
    expect((await notes(`${id}:read`))[0]).toHaveLength(50_000);
    expect(await notes(id)).toEqual(['done']);
    await expect.poll(() => received).toMatch(/thanks$/);
  });

  test('loses nothing of what comes with the request, however much it is', async () => {
    const { port } = await serveUpgrades();
    const early = 'x'.repeat(300_000);
    const client = await Connection.open(port);
    client.send(
      `GET /opaque-echo HTTP/1.1\r\nHost: test\r\n${headers.join('\r\n')}\r\n\r\n${early}end`,
    );
    await client.response();
    expect(await client.bytes(300_003)).toBe(`${early}end`);
  });

  test('carries 64 MB both ways at once', async () => {
    const { port } = await serveUpgrades();
    const { client } = await open(port, '/opaque-echo');
    const block = Buffer.alloc(1024 * 1024, 'owin opaque ');
    for (let i = 0; i < 64; i++) client.send(block);
    let wrong = 0;
    for (let i = 0; i < 64; i++)
      if ((await client.bytes(block.length)) !== block.toString('latin1')) wrong++;
    expect(wrong).toBe(0);
    client.socket.end();
    await client.end();
    await allLetGo();
  }, 60_000);

  test('holds a write while the client reads nothing', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(port, `/opaque-flood?n=400&size=50000&id=${id}`);
    client.socket.pause();
    expect(Number((await notes(id))[0])).toBeLessThan(400);
    client.socket.resume();
    expect((await client.end()).length).toBe(400 * 50_000);
    await allLetGo();
  });

  test('runs the callback after the pipeline, with a stream that can be used synchronously', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(
      port,
      `/opaque-script?id=${id}&do=write:a,read-sync,write:b,read:3`,
    );
    expect(await client.until('a')).toBe('a');
    client.send('1234');
    expect(await client.end()).toBe('b');
    expect(await notes(`${id}:read`, 2)).toEqual(['1', '234']);
  });

  test('is an abort where the callback throws', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(port, `/opaque-script?id=${id}&do=write:a,throw`);
    expect(await client.end()).toBe('a');
    await notes(id);
    await allLetGo();
    expect(reportedErrors().map(({ message }) => message)).toEqual([
      'thrown by the opaque callback',
    ]);
  });

  test('after Dispose of the stream reads and writes throw', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(port, `/opaque-script?id=${id}&do=dispose,write:a`);
    expect(await client.end()).toBe('');
    expect(await notes(id)).toEqual(['ObjectDisposedException']);
    await allLetGo();
    expect(reportedErrors()).toHaveLength(1);
  });

  test('faults a read when the client resets the connection', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(port, `/opaque-script?id=${id}&do=read:10`);
    client.socket.resetAndDestroy();
    expect(await notes(id)).toEqual(['IOException']);
    await allLetGo();
  });

  test('is counted in the statistics as long as the socket is open', async () => {
    const { port } = await serveUpgrades();
    const id = topic();
    const { client } = await open(port, `/opaque-script?id=${id}&do=wait`);
    expect((await owin.runtime.stats()).sockets).toBe(1);
    await note(`${id}:go`);
    await client.end();
    await allLetGo();
  });

  test('goes on while JavaScript’s session middleware sets its cookie', async () => {
    const { default: session } = await import('express-session');
    const app = express().use(
      session({ secret: 'test', resave: false, saveUninitialized: true }),
      kitchen,
    );
    const { server, port } = await serve(app);
    owin.attach(server);
    const { client, head } = await open(port, '/opaque-lines');
    expect(head.headers.get('set-cookie')?.[0]).toMatch(/^connect\.sid=/);
    client.send('abc\n');
    expect(await client.until('\n')).toBe('cba\n');
  });
});
