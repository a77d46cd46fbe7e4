// What the targets have in common: their options, the record of progress, and how a finding is reported.
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [seed, from, count, seconds, progress] = process.argv.slice(2);
const name = process.argv[1].replace(/.*[/\\]|\.mjs$/g, '');
const file = openSync(progress, 'r+');
const deadline = performance.now() + Number(seconds) * 1000;
const last = Number(from) + Number(count);

let summed = false;
// A loop with nothing left to wait for ends a process with 0, and so does an error that somebody listens to.
process.on('exit', (code) => {
  if (summed) return;
  console.error(`fuzz ${name}: ended with ${code} before its summary.`);
  process.exitCode = code || 1;
});

export const options = { seed: Number(seed), from: Number(from) };

/** Whether input `n` is to be tried. Noted first: an input may end the process. */
export function goesOn(n) {
  writeSync(file, `${n}`.padEnd(20), 0);
  return n < last && (Number.isFinite(last) || performance.now() < deadline);
}

/** Reports what failed with inputs `first` to `end`, and ends the process. */
export function fail(why, first, end, inputs) {
  summed = true;
  console.error(`fuzz ${name}: ${why}`);
  inputs.forEach((input, i) => {
    const path = join(dirname(progress), `${name}-${seed}-${first + i}.bin`);
    writeFileSync(path, input);
    if (i < 3)
      console.error(`  ${path}: ${JSON.stringify(input.toString('latin1').slice(0, 1000))}`);
  });
  const again = `--only ${name} --seed ${seed} --from ${first} --count ${end - first}`;
  console.error(`  again: npm run fuzz -- ${again}`);
  process.exit(1);
}

/** Ends a run in which nothing failed. */
export function done(n, what) {
  summed = true;
  console.log(`fuzz ${name}: ${n - Number(from)} inputs, ${what}`);
  process.exit(0);
}
