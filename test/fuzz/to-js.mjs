// Damaged frames for JavaScript: the built package with real requests on real sockets, and the fuzzer in the place of
// .NET. Whatever comes, it throws nothing but what a frame says or ERR_OWIN_PROTOCOL, sends well-formed frames
// itself, gives every slot back once its client has gone, and answers a good request.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as clr from './fake-addon.mjs';
import { frame, toJs } from './frames.mjs';
import { mutate, oddWords } from './mutate.mjs';
import { random } from './random.mjs';
import { done, fail, goesOn, options } from './target.mjs';

const { default: owin } = await import('owin');
const read = (name) => JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url)));
const corpus = read('to-js').map((each) => ({
  ...each,
  payload: Buffer.from(each.payload, 'latin1'),
}));
const payloads = corpus.map(({ payload }) => payload).filter(({ length }) => length > 0);
const requests = read('requests').map((text) => Buffer.from(text, 'latin1'));
const tokens = read('request-tokens');
const PER_ROUND = 64;

const handler = owin(fileURLToPath(new URL('../apps/Kitchen/bin/Kitchen.dll', import.meta.url)));
handler.on('error', () => {});
await handler.ready;
const server = http.createServer((req, res) => {
  if (req.url.includes('next')) handler(req, res, () => res.end('behind next'));
  else handler(req, res);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

// From here on: what fails before shall end the process.
let finding;
const isDamage = ({ code, fromDotnet }) => code === 'ERR_OWIN_PROTOCOL' || fromDotnet;
process.on('uncaughtException', (error) => {
  // An `unhandled` frame says what .NET could not catch; only such errors have an hresult.
  error.fromDotnet = 'hresult' in error;
  if (!isDamage(error)) finding ??= `thrown: ${error.stack}`;
});
process.on('unhandledRejection', (error) => {
  finding ??= `rejected: ${error?.stack ?? error}`;
});

/** Frames for requests that are open, damaged here and there. */
function block(values) {
  const live = [...clr.open.values()];
  return Array.from({ length: 1 + values.below(6) }, () => {
    const { type, words, payload } = values.pick(corpus);
    const { slot, generation } =
      live.length > 0 && values.chance(85)
        ? values.pick(live)
        : { slot: values.pick(oddWords), generation: values.below(5) };
    const bytes = values.chance(25)
      ? mutate(values, payload, { tokens, others: payloads })
      : payload;
    const own = words.map((word) => (values.chance(15) ? values.pick(oddWords) : word));
    const whole = frame(
      values.chance(3) ? values.pick(oddWords) : type,
      slot,
      generation,
      own,
      bytes,
    );
    if (values.chance(2)) whole.writeInt32LE(values.pick(oddWords), 0);
    return whole;
  });
}

async function settled() {
  for (const end = performance.now() + 10_000; ; await turn()) {
    const { exchanges, slots } = await owin.runtime.stats();
    if (exchanges === 0 && slots.used === 0) return undefined;
    if (performance.now() > end) return `still held: ${exchanges} exchanges, ${slots.used} slots`;
  }
}

async function answersWell() {
  const answer = new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', path: '/good', agent: false, timeout: 10_000 }, resolve)
      .on('error', reject);
  });
  let request;
  while (!request) {
    await turn();
    request = [...clr.open.values()].find(({ url }) => url === '/good');
  }
  clr.open.delete(`${request.slot}/${request.generation}`);
  const headers = Buffer.from('X-Good\0yes');
  const words = [200, 1, headers.length, 0, 4];
  clr.post(
    frame(
      toJs.response.value,
      request.slot,
      request.generation,
      words,
      Buffer.concat([headers, Buffer.from('good')]),
    ),
  );
  const res = await answer;
  const [body] = await res.toArray();
  return res.statusCode === 200 && res.headers['x-good'] === 'yes' && String(body) === 'good';
}

let n = options.from;
while (!finding && goesOn(n)) {
  const first = n;
  const sockets = [];
  const inputs = [];
  while (inputs.length < PER_ROUND && goesOn(n)) {
    const values = random(options.seed, n++);
    if (sockets.length < 8 || values.chance(20)) {
      const socket = net
        .connect(port, '127.0.0.1')
        .on('error', () => {})
        .resume();
      const bytes = values.pick(requests);
      socket.write(values.chance(30) ? mutate(values, bytes, { tokens, others: requests }) : bytes);
      sockets.push(socket);
    }
    await turn();
    const frames = block(values);
    inputs.push(Buffer.concat(frames));
    clr.post(...frames);
  }
  for (const socket of sockets) socket.destroy();
  // Node does not see that the client of a paused upload has gone.
  server.closeAllConnections();
  finding ??= (await settled()) ?? clr.damage;
  if (!finding && !(await answersWell().catch(() => false)))
    finding = 'a good request was not answered';
  if (finding) fail(finding, first, n, inputs);
}
if (finding) fail(finding, n, n, []);
done(n, 'nothing broke, nothing is held');
