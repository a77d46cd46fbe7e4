// Every kind of server a comparison may start, as a command line.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assembly } from '../lib/dotnet.mjs';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));
const node = (name, ...args) => [process.execPath, script(name), ...args];
const app = assembly('Bench.App');
const aspnet = assembly('Bench.AspNet');
const budget = (bytes) => JSON.stringify({ gc: { gen0MaxBudget: bytes } });

export const kinds = {
  'http-js': node('http.mjs', 'js'),
  'http-owin': node('http.mjs', 'owin', app),
  'express-js': node('express.mjs', 'js'),
  'express-owin': node('express.mjs', 'owin', app),
  'express-owin-written': node('express.mjs', 'owin', app),
  ...Object.fromEntries(
    [0, 2, 4, 8, 16, 32, 64].map((mb) => [
      `express-owin-budget-${mb}`,
      node('express.mjs', 'owin', app, budget(mb * 1024 * 1024)),
    ]),
  ),
  'express-js-gc': [process.execPath, '--expose-gc', script('express.mjs'), 'js'],
  'express-owin-gc': [process.execPath, '--expose-gc', script('express.mjs'), 'owin', app],
  'express-owin-growing': node('growing.mjs'),
  reloading: [process.execPath, '--expose-gc', script('reloading.mjs')],
  'pass-through-js': node('pass-through.mjs', 'js'),
  'pass-through-owin': node('pass-through.mjs', 'owin', app),
  'websocket-js': node('websocket.mjs', 'js'),
  'websocket-owin': node('websocket.mjs', 'owin', app),
  'fetch-owin': node('fetch.mjs', 'owin', app),
  'fetch-hono': node('fetch.mjs', 'hono'),
  functions: node('functions.mjs', app),
  'functions-gc': [
    process.execPath,
    '--expose-gc',
    '--max-semi-space-size=1',
    script('functions.mjs'),
    app,
  ],
  'functions-idle': node('functions.mjs', app),
  'http-aspnet': node('http.mjs', 'owin', aspnet),
  'express-aspnet': node('express.mjs', 'owin', aspnet),
  'express-proxy': node('proxy.mjs', assembly('Bench.Kestrel')),
  kestrel: ['dotnet', assembly('Bench.Kestrel')],
  ...Object.fromEntries(
    ['owin', 'owin-cpubound', 'piscina', 'edge', 'node-api-dotnet'].map((subject) => [
      `peer-${subject}`,
      node('peers/server.mjs', subject),
    ]),
  ),
};

/** Why the peers cannot be measured, or null. */
export function peersMissing() {
  return existsSync(new URL('../peers/node_modules', import.meta.url))
    ? null
    : 'npm install --prefix bench/peers';
}

/** Why the package cannot be measured, or null: it is imported by its own name, from its build. */
export function productMissing() {
  let entry;
  try {
    entry = fileURLToPath(import.meta.resolve('owin'));
  } catch (error) {
    return `the package 'owin' does not resolve (${error.message})`;
  }
  return existsSync(entry) ? null : `${entry} is not there: npm run build`;
}
