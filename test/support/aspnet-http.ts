// The app that does what the features of a request can, loaded once for a test file, and what it noted.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import owin from 'owin';
import { afterAll, afterEach, expect } from 'vitest';
import { appPath } from './apps.ts';
import { request } from './request.ts';

export const features = owin(appPath('AspNetHttp'));

// What the handler itself reports has to be expected by a test that listens.
const reported: Error[] = [];
features.on('error', (error) => reported.push(error));

/** The errors the handler reported since this was last asked. */
export function reportedErrors(): Error[] {
  return reported.splice(0);
}

afterEach(() => {
  expect.soft(reportedErrors(), 'errors reported by the handler').toEqual([]);
});

let lastTopic = 0;

/** A name that no other test uses. */
export function topic(): string {
  return `topic-${++lastTopic}`;
}

/** What the app noted under `of`, once there are `atLeast` notes. */
export async function notes(of: string, atLeast = 1): Promise<string[]> {
  const { body } = await request(`${await side}/notes?of=${of}&atLeast=${atLeast}`);
  return body === '' ? [] : body.split('\n');
}

/** Adds a note, for which the app may be waiting. */
export async function note(of: string): Promise<void> {
  await request(`${await side}/note?of=${of}`);
}

// A server of its own, so that asking is no part of what is tested.
const server = http.createServer(features).listen(0, '127.0.0.1');
const side = once(server, 'listening').then(
  () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await features.close({ drain: 0 });
});
