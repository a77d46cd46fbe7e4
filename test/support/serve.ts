import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A listening server, closed with all its connections when the test ends. */
export async function serve(
  listener: http.RequestListener | http.Server,
): Promise<{ server: http.Server; url: string; port: number }> {
  const server = listener instanceof http.Server ? listener : http.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}
