// npm run bench -- [--quick] [--only name,…] [--self] [--json file]
//
// Runs the comparisons of comparisons/index.mjs and writes every measurement to bench/results/. README.md
// says how to read what it prints. The exit code is 1 when something failed to run, not when a target is missed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { comparisons } from './comparisons/index.mjs';
import { build } from './lib/dotnet.mjs';
import { machine, watchOthers } from './lib/machine.mjs';
import { ServerProcess } from './lib/process.mjs';
import { judge, printRows, printSummary, printTable, short } from './lib/report.mjs';
import { requireWrk } from './lib/wrk.mjs';
import { kinds, peersMissing, productMissing } from './servers/kinds.mjs';

// Starts of both processes, rounds in each, and how long a round's parts last.
const plans = {
  full: {
    starts: 5,
    rounds: 4,
    seconds: 1,
    warmSeconds: 5,
    loopRounds: 2,
    loopSeconds: 2,
    jobs: 100,
    memoryStarts: 5,
    firstAnswers: 10,
    allocationRuns: 5,
  },
  quick: {
    starts: 2,
    rounds: 2,
    seconds: 0.6,
    warmSeconds: 2,
    loopRounds: 1,
    loopSeconds: 1,
    jobs: 40,
    memoryStarts: 2,
    firstAnswers: 2,
    allocationRuns: 2,
  },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    self: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

if (process.platform !== 'linux') {
  console.log(`The benchmarks read /proc: Linux only, and this is ${process.platform}.`);
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const plan = options.quick ? plans.quick : plans.full;
const missing = options.self ? null : productMissing();
const began = new Date();

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const chosen = choose(options.only?.split(','));
  await requireWrk();
  build(!peersMissing() && chosen.some(isOfPeers));
  if (missing) console.log(`Without owin: ${missing}`);

  const results = [];
  for (const comparison of chosen) results.push(await run(comparison));
  printSummary(results);
  write(results);
  if (results.some((result) => result.error)) process.exitCode = 1;
}

function choose(names) {
  for (const name of names ?? []) {
    if (comparisons.some((comparison) => comparison.name === name)) continue;
    throw new Error(
      `No comparison '${name}'; there are: ${comparisons.map((comparison) => comparison.name).join(', ')}`,
    );
  }
  return comparisons.filter(({ name, full }) =>
    names ? names.includes(name) : !(full && options.quick),
  );
}

/** Runs one comparison and prints it: `{ name, … }` with its rows and raw measurements, or why there are none. */
async function run({ name, title, a, b, run: measure, ...comparison }) {
  console.log(`\n${name}: ${title}`);
  if (options.self && !b) return skip(name, 'it has one side only');
  const sides = { a: options.self ? b : a, b };
  if (peersMissing() && isOfPeers({ b })) return skip(name, peersMissing());
  if (missing && Object.values(sides).some((kind) => kind?.includes('owin')))
    return skip(name, 'it needs owin');

  const others = watchOthers();
  try {
    const { figures, table, raw } = await measure({ ...sides, start, plan });
    const otherCores = others();
    const rows = judge(comparison, figures);
    printRows(rows);
    if (table) printTable(table);
    console.log(`  (other processes used ${short(otherCores)} cores meanwhile)`);
    return { name, title, ...sides, otherCores, rows, figures, raw };
  } catch (error) {
    console.log(`  failed: ${error.message}`);
    return { name, title, ...sides, error: error.stack };
  }
}

function isOfPeers({ b }) {
  return b?.startsWith('peer-');
}

function start(kind) {
  return ServerProcess.start(kind, kinds[kind]);
}

function skip(name, why) {
  console.log(`  not run: ${why}`);
  return { name, skipped: why };
}

function write(results) {
  const name = `${began.toISOString().replaceAll(':', '-')}.json`;
  const file = options.json ?? join(import.meta.dirname, 'results', name);
  const record = { began, ended: new Date(), options, plan, machine: machine(), results };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
  console.log(`\n${file}`);
}
