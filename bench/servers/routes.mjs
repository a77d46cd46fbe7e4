// The work of the routes in plain JavaScript.
import { createHash } from 'node:crypto';
import { once } from 'node:events';

const HELLO = '<p>Hello, world from .NET!</p>';
const CHUNK = 64 * 1024;
const PERIOD = 251; // prime, as in dotnet/Shared/Work.cs: a chunk in the wrong place changes the digest
const PATTERN = Buffer.alloc(CHUNK + PERIOD).map((_, i) => i % PERIOD);

export const routes = {
  '/hello': hello,
  async '/upload'(req, res) {
    const hash = createHash('sha256');
    for await (const chunk of req) hash.update(chunk);
    send(res, 'text/plain', hash.digest('hex'));
  },
  async '/download'(req, res) {
    const length = Number(req.query.n);
    res.writeHead(200, { 'Content-Type': 'application/octet-stream' });
    for (let position = 0; position < length; ) {
      const count = Math.min(CHUNK, length - position);
      const from = position % PERIOD;
      const chunk = Buffer.from(PATTERN.subarray(from, from + count));
      if (!res.write(chunk)) await once(res, 'drain');
      position += count;
    }
    res.end();
  },
  async '/json'(req, res) {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const value = JSON.parse(Buffer.concat(chunks).toString());
    value.handledBy = 'server';
    send(res, 'application/json', JSON.stringify(value));
  },
};

export function hello(_req, res) {
  send(res, 'text/html', HELLO);
}

function send(res, type, text) {
  res.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}
