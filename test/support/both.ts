// The same app twice: under Kestrel in a process of its own, and in this one behind express.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import express, { type RequestHandler } from 'express';
import owin, { type AppOptions, type Handler } from 'owin';
import { afterAll, beforeAll } from 'vitest';
import { type Kestrel, kestrel } from './kestrel.ts';
import { type Answer, type RequestOptions, request } from './request.ts';

const folder = path.join(import.meta.dirname, '../apps/AspNetFeatures');

/** Where the app with something of everything lies: as built, and as published. */
export const features = {
  folder,
  dll: path.join(folder, 'bin/Release/net10.0/AspNetFeatures.dll'),
  published: path.join(folder, 'publish/AspNetFeatures.dll'),
};

export type Side = 'Kestrel' | 'owin';
export const sides: Side[] = ['Kestrel', 'owin'];

/** Both sides of one test file; URLs without a slash at the end. */
export interface Both {
  url: Record<Side, string>;
  /** Kestrel's second address, for HTTP/2 in clear text. */
  http2: string;
  /** Where the app is mounted at /mounted. */
  mounted: string;
  handler: Handler;
  /** One handler of the app without express. */
  kestrel: Kestrel;
}

/**
 * Starts both before the tests of a file. They share the keys of their data protection, so either accepts the
 * other's cookies.
 */
export function bothSides(
  dll: string = features.dll,
  options: AppOptions = {},
  cwd: string = folder,
): Both {
  const keys = mkdtempSync(path.join(os.tmpdir(), 'owin-keys-'));
  const args = ['--Keys', keys];
  const handler = owin(dll, { ...options, args, log: () => {} });
  const both = { handler, url: {} } as Both;
  const app = express()
    .disable('x-powered-by')
    .use('/mounted', handler as RequestHandler);
  const server = http.createServer(app.use(handler as RequestHandler));
  owin.attach(server);

  beforeAll(async () => {
    const endpoints = ['One', 'Two'].flatMap((name) => [
      `--Kestrel:Endpoints:${name}:Url=http://127.0.0.1:0`,
      `--Kestrel:Endpoints:${name}:Protocols=${name === 'One' ? 'Http1' : 'Http2'}`,
    ]);
    const env = { ASPNETCORE_ENVIRONMENT: options.env ?? 'Production' };
    both.kestrel = await kestrel(dll, [...args, ...endpoints], { cwd, env, addresses: 2 });
    [both.url.Kestrel, both.http2] = both.kestrel.urls as [string, string];
    await handler.ready;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    both.url.owin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    both.mounted = `${both.url.owin}/mounted`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await both.kestrel?.[Symbol.asyncDispose]();
    await handler.close({ drain: 0 });
    rmSync(keys, { recursive: true });
  });
  return both;
}

/** What of a response both servers must agree on. */
export interface Compared {
  status: number;
  headers: string[];
  body: string;
}

// What says how the response was sent, or by whom.
const servers = /^(date|server|connection|keep-alive|transfer-encoding|content-length)$/;

/** A response without what two servers may differ in; 'cut off' for one that did not come whole. */
export async function compared(url: string, options?: RequestOptions): Promise<Compared | string> {
  const { origin, host } = new URL(url);
  let answer: Answer;
  try {
    // By its path, which Node sends as it is; of a URL it would take the dots out.
    answer = await request(origin, { path: url.slice(origin.length), ...options });
  } catch {
    return 'cut off';
  }
  const plain = (text: string) =>
    text
      .replaceAll(origin, 'http://server')
      .replaceAll(host, 'server')
      .replace(/"traceId":"[^"]+"/, '"traceId":"…"');
  const headers = answer.lines.filter(([name]) => !servers.test(name.toLowerCase()));
  return {
    status: answer.status,
    headers: headers.map(([name, value]) => `${name}: ${plain(value)}`).sort(),
    body: plain(answer.bytes.toString('latin1')),
  };
}
