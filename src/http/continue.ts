import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isHttp2 } from './http2.ts';

const held = new WeakSet<object>();

/**
 * Sends the requests of a server that expect a `100 Continue` through its ordinary request listeners. The 100 goes out
 * when somebody begins to read the body, and never where nobody does: the connection then closes with the response, as
 * nobody could tell whether a body or a request comes next (RFC 9110 §10.1.1). Where the server has other listeners
 * for 'checkContinue', such requests are left to them.
 */
export function holdContinue(server: Pick<Server, 'on' | 'emit' | 'listeners'>): void {
  if (held.has(server)) return;
  held.add(server);
  server.on('checkContinue', (req, res) => {
    if (server.listeners('checkContinue').length > 1) return;
    continueAtFirstRead(req, res);
    server.emit('request', req, res);
  });
}

// Whoever reads, a parser or an app, comes through _read. What is thrown away behind a response comes late for a 100.
function continueAtFirstRead(req: IncomingMessage, res: ServerResponse): void {
  const { shouldKeepAlive } = res;
  const http1 = !isHttp2(req);
  if (http1) res.shouldKeepAlive = false;
  req._read = (size) => {
    // Node's own is on the prototype.
    Reflect.deleteProperty(req, '_read');
    if (!res.headersSent && !res.writableEnded && !res.destroyed) {
      if (http1) res.shouldKeepAlive = shouldKeepAlive;
      res.writeContinue();
    }
    req._read(size);
  };
}
