// Client process of paced(), see load.mjs: its argument is the options, its output one JSON line.
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { quantile } from './stats.mjs';

const TIMEOUT = 30_000;
const { url, rate, seconds, burn, lanes } = JSON.parse(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });
const latencies = [];
const failures = [];
let sent = 0;
let over = false;

function get(target) {
  return new Promise((resolve, reject) => {
    const req = http.get(target, { agent, timeout: TIMEOUT }, (response) => {
      if (response.statusCode !== 200)
        reject(new Error(`${target} answered ${response.statusCode}`));
      response.resume().on('end', resolve).on('error', reject);
    });
    req.on('error', reject);
    req.on('timeout', () => req.destroy(new Error(`${target}: nothing for ${TIMEOUT} ms`)));
  });
}

async function lane() {
  while (!over) await get(burn);
}

async function pace() {
  const began = performance.now();
  const answers = [];
  while (sent < rate * seconds) {
    const due = began + (sent * 1000) / rate;
    if (due > performance.now()) {
      await setTimeout(1); // spinning until it is due would take a core from the server
      continue;
    }
    sent++;
    answers.push(
      get(url).then(
        () => latencies.push(performance.now() - due),
        (error) => failures.push(error),
      ),
    );
  }
  over = true;
  await Promise.all(answers);
}

await Promise.all([pace(), ...Array.from({ length: lanes }, lane)]);
agent.destroy();
if (failures.length)
  throw new Error(`${failures.length} of ${sent} requests failed`, { cause: failures[0] });
console.log(
  JSON.stringify({ sent, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }),
);
