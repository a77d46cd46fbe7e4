// What a worker leaves behind, beyond what a plain worker of Node's does.
//
//   npm run workers -- --cycles 1000 --lanes 4
//
// Two processes, one after the other, create workers and terminate them in the middle of their requests: plain ones,
// then ones with a handler and calls of functions. The slopes are least squares over all samples but the first, private
// memory of the process in KB a cycle, and the managed heap's. Before each sample what is free in the heaps of glibc and
// .NET goes back to the system: how much of it is touched at a time is a matter of luck. Ends with 1 where ours leave,
// by their intervals, more than 1 KB a cycle beyond plain ones. Linux, glibc and a C compiler.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { show, slope } from '../soak/figures.mjs';
import { buildTrim } from '../support/trim.mjs';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '4' },
  },
});
const MOST_KB_A_CYCLE = 1;
const script = fileURLToPath(new URL('fixtures/worker-cycles.mjs', import.meta.url));

const addon = buildTrim();

async function samplesOf(kind) {
  const args = [script, values.cycles, values.lanes, kind, addon];
  // A young generation that is empty or full by chance would be all that shows.
  const child = spawn(process.execPath, ['--max-semi-space-size=1', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The threads of workers would each keep an arena of glibc's.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  const samples = [];
  for await (const line of readline.createInterface({ input: child.stdout }))
    samples.push(JSON.parse(line));
  console.log(
    `${kind}: private MB ${samples.map((each) => (each.privateKB / 1024).toFixed(1)).join(' ')}`,
  );
  return samples;
}

/** KB a cycle, over all samples but the first. */
const growth = (samples, figure) =>
  slope(samples.slice(1).map((each) => [each.cycles, each[figure]]));

const plain = growth(await samplesOf('plain'), 'privateKB');
const samples = await samplesOf('owin');
const own = growth(samples, 'privateKB');
console.log(`private KB a cycle [95 % interval]: plain ${show(plain)}, owin ${show(own)}`);
console.log(`beyond plain workers: ${(own.value - plain.value).toFixed(2)} KB a cycle`);
console.log(
  `calls of functions that have not ended: ${samples.map((each) => each.running).join(' ')}`,
);
console.log(`managed heap: ${show(growth(samples, 'managedKB'), 3)} KB a cycle`);
if (own.low - plain.high > MOST_KB_A_CYCLE) process.exitCode = 1;
