// Client process of jobs(), see load.mjs: its argument is the options, its output one JSON line.
//
// Asks for `count` jobs, `lanes` at a time, and meanwhile for each of `probes`, a path every so many ms, sent when it is
// due whatever has been answered. It goes before others for a processor, or its own wait for one would be in the times.
import http from 'node:http';
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { quantile } from './stats.mjs';

const TIMEOUT = 60_000;
const PRIORITY = -10;
const { origin, path, answer, count, lanes, probes } = JSON.parse(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });
let left = count;
let over = false;

try {
  os.setPriority(0, PRIORITY);
} catch {
  // Not root's: then it waits with the others.
}

async function get(target, expected) {
  const body = await new Promise((resolve, reject) => {
    const req = http.get(origin + target, { agent, timeout: TIMEOUT }, async (response) => {
      const chunks = await response.toArray();
      if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
      else reject(new Error(`${target} answered ${response.statusCode}`));
    });
    req.on('error', reject);
    req.on('timeout', () => req.destroy(new Error(`${target}: nothing for ${TIMEOUT} ms`)));
  });
  if (expected !== undefined && body !== expected)
    throw new Error(`${target} answered ${body} instead of ${expected}`);
}

async function lane() {
  while (left-- > 0) await get(path, answer);
}

async function probe(target, every) {
  const began = performance.now();
  const answers = [];
  for (let i = 0; !over; i++) {
    const due = began + i * every;
    await setTimeout(Math.max(0, due - performance.now()));
    answers.push(get(target).then(() => performance.now() - due));
  }
  const times = await Promise.all(answers);
  return [target, { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }];
}

const began = performance.now();
const probing = Promise.all(Object.entries(probes).map(([target, every]) => probe(target, every)));
await Promise.all(Array.from({ length: lanes }, lane));
const ms = performance.now() - began;
over = true;
console.log(JSON.stringify({ ms, probes: Object.fromEntries(await probing) }));
agent.destroy();
