// Load on a server without wrk: single requests, large bodies both ways, and a paced client process.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACED_CLIENT = fileURLToPath(new URL('paced-client.mjs', import.meta.url));
const JOBS_CLIENT = fileURLToPath(new URL('jobs-client.mjs', import.meta.url));
const TIMEOUT = 30_000;
const BLOCK = Buffer.alloc(64 * 1024, 7);

/**
 * `rate` requests a second to `path` for `seconds`, each sent when it is due whatever has been answered, and
 * `lanes` endless lanes of `burn` (a URL) beside them. Resolves to `{ sent, p50, p99 }`, in ms from the due time.
 */
export async function paced(server, path, { rate, seconds, burn, lanes = 0 }) {
  const options = { url: `http://127.0.0.1:${server.port}${path}`, rate, seconds, burn, lanes };
  const { stdout } = await promisify(execFile)(process.execPath, [
    PACED_CLIENT,
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout);
}

/**
 * `count` requests to `path`, `lanes` at a time, each of which must give `answer`; meanwhile one to each key of
 * `probes` every so many ms. Resolves to `{ ms, probes: { [path]: { p50, p99 } } }`, the probes' in ms from when they
 * were due.
 */
export async function jobs(server, options) {
  const origin = `http://127.0.0.1:${server.port}`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    JOBS_CLIENT,
    JSON.stringify({ origin, ...options }),
  ]);
  return JSON.parse(stdout);
}

/** One request on a connection of its own: `{ status, headers, body }`. */
export async function request(server, path, { method = 'GET', body } = {}) {
  const response = await respond(server, path, { method, headers: {} }, (req) => req.end(body));
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Sends `bytes`; resolves to the text of the answer. */
export async function upload(server, path, bytes) {
  const options = { method: 'POST', headers: { 'content-length': bytes } };
  const response = await respond(server, path, options, async (req) => {
    for (let left = bytes; left > 0; left -= BLOCK.length) {
      const chunk = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      if (!req.write(chunk)) await once(req, 'drain');
    }
    req.end();
  });
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

/** Reads a whole answer, passing each chunk to `take`; resolves to its length. */
export async function download(server, path, take = () => {}) {
  const response = await respond(server, path, { method: 'GET' }, (req) => req.end());
  let length = 0;
  response.on('data', (chunk) => {
    length += chunk.length;
    take(chunk);
  });
  await once(response, 'end');
  return length;
}

/** What `upload` sends, for a digest. */
export function* uploaded(bytes) {
  for (let left = bytes; left > 0; left -= BLOCK.length)
    yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
}

async function respond(server, path, options, send) {
  const req = http.request({
    host: '127.0.0.1',
    port: server.port,
    path,
    timeout: TIMEOUT,
    ...options,
  });
  req.on('timeout', () =>
    req.destroy(new Error(`${server.name}${path}: nothing for ${TIMEOUT} ms`)),
  );
  const [[response]] = await Promise.all([once(req, 'response'), send(req)]);
  if (response.statusCode !== 200)
    throw new Error(`${server.name} answered ${path} with ${response.statusCode}`);
  return response;
}
