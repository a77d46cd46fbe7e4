import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import owin, { type Handler } from 'owin';
import { afterAll, expect } from 'vitest';

/**
 * A server for all tests of a file, from its beforeAll on. At the end it and the handler are closed.
 *
 * @param path where `app` has the handler, for the url
 * @param errors what the handler has reported and no test has taken: there must be none at the end
 */
export async function serveFile(
  app: Express,
  handler: Handler,
  path: string,
  errors: Error[],
): Promise<{ url: string; port: number }> {
  const server = owin.attach(app.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await handler.close({ drain: 0 });
    expect(errors, 'errors reported by the handler').toEqual([]);
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}${path}` };
}
