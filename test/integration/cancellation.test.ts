import { once } from 'node:events';
import http from 'node:http';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import {
  allLetGo,
  kitchen,
  note,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe.each(Object.keys(frontends))('CallCancelled in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([
    ['while the app is at work', ''],
    ['while it streams', '&write'],
  ])('is cancelled when the client leaves %s', async (_, write) => {
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(`/cancelled-log?id=${id}${write}`);
    await notes(`${id}:waiting`);
    if (write) await connection.until('begun');
    connection.destroy();
    expect(await notes(id)).toEqual(['cancelled']);
  });

  test('is cancelled by a reset as well', async () => {
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(`/cancelled-log?id=${id}`);
    await notes(`${id}:waiting`);
    connection.socket.resetAndDestroy();
    expect(await notes(id)).toEqual(['cancelled']);
  });

  test('is never cancelled on success, not even when the client leaves after it', async () => {
    const { port, url } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    expect((await connection.get(`/cancelled-kept?id=${id}`).response()).status).toBe(200);
    connection.destroy();
    for (let i = 0; i < 5; i++) await request(`${url}/hello`);
    expect((await request(`${url}/cancelled-kept/now?id=${id}`)).body).toBe('False');
    expect(await notes(id, 0)).toEqual([]);
  });
});

describe('CallCancelled', () => {
  test('is cancelled for every pipelined request when the client leaves', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    for (let i = 0; i < 15; i++) connection.get(`/cancelled-log?id=${id}`);
    await notes(`${id}:waiting`, 15);
    connection.destroy();
    expect(await notes(id, 15)).toHaveLength(15);
  });

  test('is cancelled also when the client says HTTP/2.0 over HTTP/1, and leaves', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.send(`GET /cancelled-log?id=${id} HTTP/2.0\r\nHost: a\r\n\r\n`);
    await notes(`${id}:waiting`);
    connection.destroy();
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('is cancelled when the client leaves in the middle of its upload', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.send(
      `POST ${script(`id=${id}`, 'note=called', 'cancelled', 'note=cancelled')} HTTP/1.1\r\n`,
    );
    connection.send('Host: a\r\nContent-Length: 10\r\n\r\nsome');
    await notes(id);
    connection.destroy();
    expect(await notes(id, 2)).toEqual(['called', 'cancelled']);
  });

  test('is cancelled already when it is first read after the client has left', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.get(`${url}/cancelled-late?id=${id}`, { agent: false });
    await once(req, 'response');
    req.on('error', () => {});
    req.destroy();
    expect(await notes(id)).toEqual(['True']);
  });

  test('is cancelled when the app disconnects', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const path = script(`id=${id}`, 'on-cancelled', 'disconnect');
    await expect(request(url + path)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await notes(id)).toEqual(['cancelled']);
  });

  test.each([
    ['before the start', ['throw=x']],
    ['after it', ['write=x', 'flush', 'throw=x']],
  ])('is cancelled when the app fails %s', async (_, steps) => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(url + script(`id=${id}`, 'on-cancelled', ...steps)).catch(() => undefined);
    expect(await notes(id)).toEqual(['cancelled']);
    expect(reportedErrors()).toHaveLength(1);
  });

  test('is cancelled when the handler closes and the drain is over', async () => {
    const handler = owin(appPath('Kitchen'));
    const { url } = await serve(handler);
    const id = topic();
    const cancelled = request(`${url}/domain/watch?id=${id}`);
    const side = await serve(kitchen);
    await request(`${side.url}/domain/take?id=${id}:waiting`);
    await handler.close({ drain: 50 });
    expect((await cancelled).status).toBe(503);
    expect((await request(`${side.url}/domain/take?id=${id}`)).body).toBe('taken');
  });

  test('runs all callbacks, and what one throws is an error event, not an uncaught exception', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const reported = once(kitchen as never, 'error');
    const connection = await Connection.open(port);
    connection.get(`/cancelled-throwing?id=${id}`);
    await notes(`${id}:waiting`);
    connection.destroy();
    expect((await notes(id, 2)).sort()).toEqual(['first', 'last']);
    const [error] = (await reported) as [AggregateError];
    expect(error.name).toBe('System.AggregateException');
    expect(error.errors).toMatchObject([
      { name: 'System.InvalidOperationException', message: `thrown when cancelled: ${id}` },
    ]);
    expect(reportedErrors()).toHaveLength(1);
  });

  test('callbacks may block without holding Node', async () => {
    const { port, url } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script(`id=${id}`, 'on-cancelled=block', 'note=called', 'cancelled'));
    await notes(id);
    connection.destroy();
    await notes(id, 2);
    expect((await request(`${url}/hello`)).status).toBe(200);
    await note(`${id}:go`);
  });
});
