// The app of most tests, loaded once for a test file, and what its handlers noted.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import owin from 'owin';
import { afterAll, afterEach, expect } from 'vitest';
import { appPath } from './apps.ts';
import { request } from './request.ts';

export { lines } from './lines.ts';

export const kitchen = owin(appPath('Kitchen'));

// What the handler itself reports has to be expected by a test that listens; without one it fails the file.
const reported: Error[] = [];
kitchen.on('error', (error) => reported.push(error));

/** The errors the kitchen reported since this was last asked. */
export function reportedErrors(): Error[] {
  return reported.splice(0);
}

// A leaked listener shows as a warning, once.
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

afterEach(() => {
  expect.soft(reportedErrors(), 'errors reported by the handler').toEqual([]);
  expect.soft(warnings.splice(0), 'warnings of Node').toEqual([]);
});

let lastTopic = 0;

/** A name that no other test uses. */
export function topic(): string {
  return `topic-${++lastTopic}`;
}

/** What the handlers of the kitchen noted under `of`, once there are `atLeast` notes. */
export async function notes(of: string, atLeast = 1): Promise<string[]> {
  const { body } = await request(`${await side}/notes?of=${of}&at-least=${atLeast}`);
  return body === '' ? [] : body.split('\n');
}

/** Adds a note, for which a handler may be waiting. */
export async function note(of: string, text = ''): Promise<void> {
  await request(`${await side}/note?of=${of}&text=${encodeURIComponent(text)}`);
}

// A server of its own, so that asking is no part of what is tested.
const server = http.createServer(kitchen).listen(0, '127.0.0.1');
const side = once(server, 'listening').then(
  () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await kitchen.close({ drain: 0 });
});

/** Path and query of a run of the kitchen's script; each step is `name=text` or a name. */
export function script(...steps: string[]): string {
  const pairs = steps.map((step) => {
    const [name = '', ...text] = step.split('=');
    return text.length === 0 ? name : `${name}=${encodeURIComponent(text.join('='))}`;
  });
  return `/script?${pairs.join('&')}`;
}

/** Neither side holds an exchange any more. */
export async function allLetGo(): Promise<void> {
  await expect
    .poll(async () => {
      const { exchanges, slots, sockets, dotnetExchanges } = await owin.runtime.stats();
      return { exchanges, slots: slots.used, sockets, dotnetExchanges };
    })
    .toEqual({ exchanges: 0, slots: 0, sockets: 0, dotnetExchanges: 0 });
}
