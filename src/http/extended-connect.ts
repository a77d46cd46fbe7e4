import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { streamOf } from './http2.ts';

/**
 * Sends the extended CONNECTs of an HTTP/2 server (RFC 8441: WebSockets) through its ordinary request listeners. The
 * server must have the setting `enableConnectProtocol`. Another CONNECT is refused as Node does, unless the server has
 * other listeners for 'connect'.
 */
export function takeExtendedConnects(server: Pick<Server, 'on' | 'emit' | 'listeners'>): void {
  if (!('updateSettings' in server)) return;
  server.on('connect', (req: IncomingMessage, response: unknown) => {
    const res = response as ServerResponse;
    if (streamOf(req) && req.headers[':protocol'] !== undefined) server.emit('request', req, res);
    else if (server.listeners('connect').length > 1) return;
    else if (streamOf(req)) res.writeHead(405).end();
    else req.socket.destroy();
  });
}
