// What clients do. Each kind is a function that does one request and throws when it went otherwise than it must.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const SIZE = 1_000_000;
const upload = randomBytes(SIZE);
const hash = createHash('sha256').update(upload).digest('hex');
const download = Buffer.from(Uint8Array.from({ length: SIZE }, (_, i) => i % 251));
const agent = new http.Agent({ keepAlive: true });

async function request(port, path, { method = 'GET', body } = {}) {
  const req = http.request({ port, host: '127.0.0.1', path, method, agent }).end(body);
  const [res] = await once(req, 'response');
  return { status: res.statusCode, body: Buffer.concat(await res.toArray()) };
}

async function expects(answer, status, body) {
  const got = await answer;
  assert.equal(got.status, status);
  if (body !== undefined) assert.ok(got.body.equals(Buffer.from(body)), 'another body');
}

/** Sends bytes, and leaves at the first answer, or once they are sent where none is awaited. */
async function kill(port, bytes, { awaits }) {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  const closed = once(socket, 'close');
  socket.write(bytes);
  if (awaits) await once(socket, 'data');
  else {
    await once(socket, 'connect');
    for (let i = 0; i < 3; i++) await turn();
  }
  if (Math.random() < 0.5) socket.destroy();
  else socket.resetAndDestroy();
  await closed;
}

const head = (line, length) => `${line} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const begun = Buffer.concat([
  Buffer.from(head('POST /sha256', SIZE)),
  upload.subarray(0, SIZE / 8),
]);
const asked = Buffer.from('GET /big?n=50000000 HTTP/1.1\r\nHost: a\r\n\r\n');
const waits = Buffer.from('GET /sse?n=2&every=600000 HTTP/1.1\r\nHost: a\r\n\r\n');

/** A client that goes in the middle of a body: of its own, or of the answer. */
export const killed = {
  up: (port) => kill(port, begun, { awaits: false }),
  down: (port) => kill(port, asked, { awaits: true }),
};

/** Mixed traffic. */
export const kinds = {
  hello: (port) => expects(request(port, '/hello'), 200, '<p>Hello, world from .NET!</p>'),
  up: (port) => expects(request(port, '/sha256', { method: 'POST', body: upload }), 200, hash),
  down: (port) => expects(request(port, `/big?n=${SIZE}`), 200, download),
  echo: (port) => expects(request(port, '/echo', { method: 'POST', body: upload }), 200, upload),
  events: (port) =>
    expects(request(port, '/sse?n=3&every=20'), 200, 'data: 0\n\ndata: 1\n\ndata: 2\n\n'),
  error: (port) => expects(request(port, '/throw'), 500),
  'error later': (port) =>
    assert.rejects(request(port, '/throw-after-write'), { code: 'ECONNRESET' }),
  'not found': (port) => expects(request(port, '/nowhere'), 404, ''),
  'gone from a wait': (port) => kill(port, waits, { awaits: false }),
  'gone from an upload': killed.up,
  'gone from a download': killed.down,
};

/** Calls of functions, by what server.mjs says it has. */
export const calls = (names) =>
  Object.fromEntries(names.map((name) => [`functions: ${name}`, (port) => call(port, name)]));

async function call(port, name) {
  const { status, body } = await request(port, `/functions/${encodeURIComponent(name)}`);
  assert.equal(status, 200, body.toString().slice(0, 400));
}

/** Closes what clients keep open, so that nothing of theirs is left at the server. */
export function hangUp() {
  agent.destroy();
}
