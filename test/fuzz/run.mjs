// npm run fuzz -- [--seconds 60] [--seed 1] [--only http,to-js,to-clr] [--from 0] [--count 100]
//
// Throws damaged bytes at the server (http) and at both readers of frames (to-js, to-clr), for so many seconds in all.
// Each input follows from the seed and its number, so what failed is run again with the printed options. Ends
// with 1 when something failed.
import { fork, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const root = dirname(dirname(import.meta.dirname));
const folder = join(root, 'build', 'fuzz');
const SILENCE_MS = 60_000;
const targets = { http: runHere, 'to-js': runHere, 'to-clr': runDotnet };

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: Object.keys(targets).join() },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: 'Infinity' },
  },
});
const names = values.only.split(',');
const options = {
  seed: Number(values.seed),
  from: Number(values.from),
  count: Number(values.count),
  seconds: Number(values.seconds) / names.length,
};

mkdirSync(folder, { recursive: true });
for (const name of names) {
  console.log(`fuzz ${name}: seed ${options.seed}, ${options.seconds.toFixed()} s`);
  if (!(await targets[name](name, options))) process.exitCode = 1;
}

// In a process of its own, which a watchdog ends when it makes no progress: a loop without end is a finding too.
function runHere(name, { seed, from, count, seconds }) {
  const progress = join(folder, `${name}.progress`);
  closeSync(openSync(progress, 'w'));
  const args = [seed, from, count, seconds, progress].map(String);
  const child = fork(join(import.meta.dirname, `${name}.mjs`), args, {
    env: { ...process.env, NODE_ENV: 'test' },
  });
  let before = '';
  const watchdog = setInterval(() => {
    const now = readFileSync(progress, 'utf8');
    if (now === before) child.kill('SIGKILL');
    before = now;
  }, SILENCE_MS);
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearInterval(watchdog);
      if (signal) {
        const at = readFileSync(progress, 'utf8').trim();
        console.error(`fuzz ${name}: ended by ${signal} at input ${at}.`);
        console.error(again(name, seed, at, 1));
      }
      resolve(code === 0);
    });
  });
}

// The reader of .NET is fuzzed where its fakes are: in the unit tests, which `npm test` builds.
function runDotnet(_, { seed, seconds }) {
  const env = { ...process.env, OWIN_FUZZ_SEED: String(seed), OWIN_FUZZ_SECONDS: String(seconds) };
  const project = join('test', 'dotnet', 'Owin.Host.Tests');
  const tests = join(project, 'bin', 'Release', 'net10.0', 'Owin.Host.Tests.dll');
  const spawn = (...args) => spawnSync('dotnet', args, { cwd: root, env, stdio: 'inherit' }).status;
  if (!existsSync(join(root, tests)) && spawn('build', project, '-c', 'Release', '--nologo') !== 0)
    return false;
  const fuzz = 'Owin.Host.Tests.Http.FrameReaderFuzzTests';
  return spawn(tests, '-class', fuzz, '-showLiveOutput', '-noColor', '-noLogo') === 0;
}

function again(name, seed, from, count) {
  return `  again: npm run fuzz -- --only ${name} --seed ${seed} --from ${from} --count ${count}`;
}
