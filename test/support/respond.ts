// One response on a socket of its own, and what it must look like when it cannot be sent.
import type { RequestListener } from 'node:http';
import { expect } from 'vitest';
import { Connection, type RawResponse } from './connection.ts';
import { kitchen, reportedErrors } from './kitchen.ts';
import { serve } from './serve.ts';

/** A response, and what is answered to a second request behind it on the same connection. */
export async function respond(
  app: Parameters<typeof serve>[0],
  target: string,
  method = 'GET',
  protocol = 'HTTP/1.1',
) {
  const { port } = await serve(app);
  const connection = await Connection.open(port);
  connection.send(`${method} ${target} ${protocol}\r\nHost: a\r\n\r\n`);
  const response = await connection.response({ bodiless: method === 'HEAD' });
  return { ...response, next: () => connection.get('/hello').response(), connection };
}

export const framing = ({ headers }: RawResponse) => [
  headers.get('content-length')?.join() ?? null,
  headers.get('transfer-encoding')?.join() ?? null,
];

/** Node gets to the response when it is complete: the loop stands still while .NET answers. */
export const late =
  (app: RequestListener): RequestListener =>
  (req, res) => {
    app(req, res);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150));
  };

/** The 500 of a response that cannot be sent, and what was wrong with it. */
export async function refused(target: string): Promise<string> {
  const { status, text, head, next } = await respond(kitchen, target);
  expect([status, text]).toEqual([500, '']);
  expect(head).not.toContain('X-App');
  expect((await next()).status, 'the connection goes on').toBe(200);
  const [error, ...more] = reportedErrors();
  expect(more).toEqual([]);
  expect(error).toMatchObject({ name: 'OwinError', code: 'ERR_OWIN_RESPONSE' });
  return (error as Error).message;
}

/** What comes of a connection that must not look complete. */
export async function cutOff(target: string): Promise<string> {
  const { port } = await serve(kitchen);
  const connection = await Connection.open(port);
  const all = await connection.get(target).end();
  expect(all).not.toMatch(/\r\n0\r\n\r\n$/);
  return all;
}
