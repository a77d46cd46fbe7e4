// Damaged requests, several at once, through a real server: it never ends, throws nothing that nobody catches, holds
// nothing once the clients have gone, and answers a good request.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { mutate } from './mutate.mjs';
import { random } from './random.mjs';
import { done, fail, goesOn, options } from './target.mjs';

const AT_ONCE = 32;
const PATIENCE_MS = 2_000;
const MOST_BYTES = 1 << 20;
const read = (name) => JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url)));
const corpus = read('requests').map((text) => Buffer.from(text, 'latin1'));
const tokens = read('request-tokens');

const server = fork(new URL('http-server.mjs', import.meta.url));
let finding;
let heard = () => {};
server.on('message', (message) => {
  if (message.finding) finding ??= message.finding;
  heard(message);
});
server.on('exit', (code, signal) => {
  finding ??= `the server has ended: ${signal ?? code}`;
  heard({});
});
const said = (key) =>
  new Promise((resolve) => {
    heard = (message) => (message[key] || finding) && resolve(message[key]);
    if (finding) resolve(undefined);
  });

function input(n) {
  const values = random(options.seed, n);
  const bytes = Buffer.concat(
    Array.from({ length: 1 + values.below(3) }, () => {
      const good = values.pick(corpus);
      return values.chance(85) ? mutate(values, good, { tokens, others: corpus }) : good;
    }),
  );
  return { bytes, values };
}

/** Sends an input in up to four pieces and leaves in one of four ways. Resolves when the connection has closed. */
async function attack({ bytes, values }, port) {
  const socket = net.connect(port, '127.0.0.1');
  let received = '';
  let count = 0;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (received.length < 64) received += data.toString('latin1', 0, 64);
    if ((count += data.length) > MOST_BYTES) socket.destroy();
  });
  const closed = once(socket, 'close').catch(() => {});
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
  for (let left = bytes; left.length > 0 && !socket.destroyed; ) {
    const length = values.chance(60) ? left.length : 1 + values.below(left.length);
    socket.write(left.subarray(0, length));
    left = left.subarray(length);
    if (left.length > 0) await turn();
  }
  const leave = values.below(4);
  if (leave === 0) socket.destroy();
  else if (leave === 1) socket.resetAndDestroy();
  else socket.end();
  await closed;
  clearTimeout(timer);
  return received === '' || /^HTTP\/1\.1 \d{3} /.test(received)
    ? undefined
    : `answered ${JSON.stringify(received)}`;
}

async function answersWell(port) {
  const response = await fetch(`http://127.0.0.1:${port}/hello`, {
    headers: { Connection: 'close' },
    signal: AbortSignal.timeout(10_000),
  });
  return response.status === 200 && (await response.text()) === '<p>Hello, world from .NET!</p>';
}

async function lettingGo() {
  for (const end = performance.now() + 10_000; ; await turn()) {
    const answer = said('held');
    if (server.connected) server.send('stats');
    const held = await answer;
    if (!held || Object.values(held).every((count) => count === 0)) return undefined;
    if (performance.now() > end) return `still held: ${JSON.stringify(held)}`;
  }
}

const ports = await said('ports');
let n = options.from;
while (!finding && goesOn(n)) {
  const first = n;
  const inputs = [];
  while (inputs.length < AT_ONCE && goesOn(n)) inputs.push(input(n++));
  const port = (i) => ports[(first + i) % ports.length];
  const answers = await Promise.all(inputs.map((each, i) => attack(each, port(i))));
  finding ??= answers.find(Boolean);
  finding ??= await lettingGo();
  for (const each of finding ? [] : ports)
    if (!(await answersWell(each).catch(() => false)))
      finding ??= 'a good request was not answered';
  if (finding) {
    server.kill('SIGKILL');
    fail(
      finding,
      first,
      n,
      inputs.map(({ bytes }) => bytes),
    );
  }
}
if (finding) fail(finding, n, n, []);
server.disconnect();
done(n, 'nothing crashed, nothing is held');
