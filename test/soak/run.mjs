// npm run soak -- [--minutes 10] [--killed 10000]
//
// Mixed traffic for so many minutes, with rests in which the server must hold nothing and is measured; then so many
// clients that go in the middle of a body. Prints its figures, and ends with 1 when a response was not what it had to
// be, something was held at rest, or memory, files, threads or handles grow. Linux, glibc and a C compiler.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildTrim } from '../support/trim.mjs';
import { show, slope } from './figures.mjs';
import { calls, hangUp, killed, kinds as requests } from './traffic.mjs';

const LANES = 24;
const RESTS = 24;
const WARMUP = 1 / 4;
const REST_MS = 15_000;
// When it has failed anyway.
const SHORT_REST_MS = 1_000;
// Shorter runs show what each request would leave, and nothing slower: the memory of threads that the pool adds while
// the machine has other work comes in the first minutes.
const SETTLED_MINUTES = 5;
const memoryMost = (minutes) => (minutes < SETTLED_MINUTES ? 16 : 1 + 8 / minutes);
// Above these, with certainty of 97.5 %, something grows.
const most = (minutes) => ({
  rss: memoryMost(minutes),
  own: memoryMost(minutes),
  dotnetHeap: 1 + 2 / minutes,
  heap: 1 + 2 / minutes,
  files: 0.5 + 4 / minutes,
  threads: 0.5 + 8 / minutes,
  handles: 0.5,
});
const MOST_BYTES_KILLED = 4 * 1024 * 1024;
const mostBytesAKilled = (minutes) => (minutes < SETTLED_MINUTES ? 1024 : 256);

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    killed: { type: 'string', default: '10000' },
  },
});
const minutes = Number(values.minutes);
const violations = new Set();

const server = fork(new URL('server.mjs', import.meta.url), [buildTrim()], {
  // A young generation that is empty or full by chance would be all that shows.
  execArgv: ['--expose-gc', '--max-semi-space-size=1'],
  env: { ...process.env, NODE_ENV: 'test' },
});
server.on('exit', (code, signal) => {
  console.error(`The server has ended: ${signal ?? code}`);
  process.exit(1);
});
const [{ port, functions }] = await once(server, 'message');
const kinds = { ...requests, ...calls(functions) };

async function sample(message = 'sample') {
  server.send(message);
  return (await once(server, 'message'))[0];
}

/** What the server holds when nobody asks anything of it. */
async function rest() {
  hangUp();
  const end = performance.now() + (violations.size === 0 ? REST_MS : SHORT_REST_MS);
  let now = await sample();
  while (now.held > 0 && performance.now() < end) {
    await sleep(20);
    now = await sample();
  }
  if (now.held > 0)
    violations.add(`at rest ${now.held} connections, requests, slots or exchanges are held`);
  do now = await sample('trim');
  while (now.functionsHeld > 0 && performance.now() < end);
  if (now.functionsHeld > 0)
    violations.add(
      `at rest ${now.functionsHeld} functions, objects or calls of functions are held`,
    );
  return now;
}

const counts = new Map(Object.keys(kinds).map((name) => [name, { begun: 0, right: 0 }]));

/** One client after another does one thing after another, until `ends`. */
async function lane(names, first, ends) {
  for (let i = first; !ends(); i++) {
    const name = names[i % names.length];
    const count = counts.get(name);
    count.begun++;
    try {
      await kinds[name](port);
      count.right++;
    } catch (error) {
      violations.add(`${name}: ${error.message}`);
    }
  }
}

async function traffic(ms) {
  const end = performance.now() + ms;
  const names = [...Object.keys(kinds), ...Array(8).fill('hello')];
  const ends = () => performance.now() > end;
  await Promise.all(Array.from({ length: LANES }, (_, i) => lane(names, i * 5, ends)));
}

async function killClients(count) {
  let left = count;
  const one = async () => {
    while (left-- > 0) await killed[left % 2 ? 'up' : 'down'](port);
  };
  await Promise.all(Array.from({ length: LANES }, one));
}

const begun = performance.now();
const samples = [];
for (let i = 0; i < RESTS; i++) {
  await traffic((minutes * 60_000) / RESTS);
  samples.push({ at: (performance.now() - begun) / 60_000, ...(await rest()) });
}

const total = [...counts.values()].reduce((sum, { begun }) => sum + begun, 0);
console.log(`${total} requests in ${samples.at(-1).at.toFixed(1)} min, ${samples.length} rests`);
for (const [name, { begun, right }] of counts) {
  console.log(`  ${name}: ${right} of ${begun} as they must be`);
  if (begun === 0 || right !== begun)
    violations.add(`${name}: ${begun - right} of ${begun} were not`);
}

const settled = samples.slice(Math.floor(RESTS * WARMUP));
const units = { rss: 'MB', own: 'MB', heap: 'MB', dotnetHeap: 'MB' };
console.log(
  `growth a minute [95 % interval], without the first ${WARMUP * 100} %; from first to last:`,
);
for (const [name, limit] of Object.entries(most(minutes))) {
  const growth = slope(settled.map((each) => [each.at, each[name]]));
  const [from, to] = [settled[0][name], settled.at(-1)[name]].map((each) =>
    Number(each.toFixed(1)),
  );
  console.log(`  ${name}: ${show(growth)} ${units[name] ?? ''} (${from} → ${to})`);
  if (growth.low > limit)
    violations.add(`${name} grows by ${show(growth)} a minute, more than ${limit}`);
}

console.log(
  `${samples.at(-1).functionCalls} calls of functions; held at the rests: ${samples.map((each) => each.functionsHeld).join(' ')}`,
);
console.log(`own memory at the rests: ${samples.map((each) => each.own.toFixed()).join(' ')} MB`);

// Slots are as many as were ever in use at once: a client that has left keeps its own until .NET has heard of it.
const { slots } = samples.at(-1);
console.log(`${slots} slots for ${LANES} clients`);
if (slots > LANES * 8) violations.add(`${slots} slots for ${LANES} clients`);

const half = Math.ceil(Number(values.killed) / 2);
await killClients(half);
const before = await rest();
await killClients(Number(values.killed) - half);
const after = await rest();
const bytes = ((after.own - before.own) * 1024 * 1024) / half;
console.log(
  `${values.killed} clients killed in the middle of a body, ${after.requests - samples.at(-1).requests} came to a handler; the last ${half}: ` +
    `${bytes.toFixed()} bytes each, files ${before.files} → ${after.files}, handles ${before.handles} → ${after.handles}`,
);
if (bytes * half > MOST_BYTES_KILLED + mostBytesAKilled(minutes) * half)
  violations.add(`each killed client leaves ${bytes.toFixed()} bytes`);
if (after.files > before.files || after.handles > before.handles)
  violations.add('killed clients leave files or handles');

for (const violation of violations) console.error(`violation: ${violation}`);
console.log(violations.size === 0 ? 'soak: nothing grows, nothing is held' : 'soak: failed');
process.exit(violations.size === 0 ? 0 : 1);
