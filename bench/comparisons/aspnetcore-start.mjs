// An ASP.NET Core app: from owin() to its first answer, against from the exec of `dotnet app.dll` to the first answer.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { assembly } from '../lib/dotnet.mjs';
import { request } from '../lib/load.mjs';
import { level, ratio } from '../lib/paired.mjs';

const SCRIPT = fileURLToPath(new URL('../servers/aspnetcore-start.mjs', import.meta.url));
const HELLO = '<p>Hello, world from .NET!</p>';

export async function aspNetCoreStart({ plan }) {
  const groups = [];
  for (let i = 0; i < plan.firstAnswers; i++) {
    const pairs = [];
    pairs.push({ a: { ms: await owin() }, b: { ms: await dotnet() } });
    const ms = await dotnet();
    pairs.push({ a: { ms: await owin() }, b: { ms } });
    groups.push({ pairs });
  }
  return {
    figures: {
      msRatio: ratio(groups, 'ms'),
      msA: level(groups, 'a', 'ms'),
      msB: level(groups, 'b', 'ms'),
    },
    raw: groups,
  };
}

async function owin() {
  const child = start(process.execPath, SCRIPT, assembly('Bench.Start'));
  const { ms, body } = await told(child, 'ms');
  assert.equal(body, HELLO);
  return ms;
}

async function dotnet() {
  const begin = performance.now();
  const child = start('dotnet', assembly('Bench.Start'), '--urls', 'http://127.0.0.1:0');
  const { port } = await told(child, 'port');
  const { body } = await request({ port }, '/hello');
  const ms = performance.now() - begin;
  assert.equal(`${body}`, HELLO);
  child.kill('SIGKILL');
  await once(child, 'close');
  return ms;
}

const start = (program, ...args) =>
  spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });

// In Node the app may say where it listens, too.
async function told(child, key) {
  for await (const line of createInterface({ input: child.stdout })) {
    const value = JSON.parse(line);
    if (key in value) return value;
  }
  throw new Error(`${child.spawnargs.join(' ')} ended without an answer`);
}
