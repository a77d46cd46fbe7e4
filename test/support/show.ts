import owin from 'owin';
import { afterAll, expect } from 'vitest';
import { appPath } from './apps.ts';
import { Connection } from './connection.ts';
import { lines } from './kitchen.ts';

// Answers every path with its environment.
export const show = owin(appPath('Kitchen'), { method: 'ShowEveryPath' });
export const trusting = owin(appPath('Kitchen'), { method: 'ShowEveryPath', trustProxy: true });
afterAll(() => Promise.all([show.close({ drain: 0 }), trusting.close({ drain: 0 })]));

export type Env = Record<string, string>;

/** The environment of a request whose target goes over the wire as it is. */
export async function envOf(port: number, target: string, ...headerLines: string[]): Promise<Env> {
  const connection = await Connection.open(port);
  const { text, status } = await connection.get(target, ...headerLines).response();
  expect(status, text).toBe(200);
  return lines(Buffer.from(text, 'latin1').toString('utf8'));
}
