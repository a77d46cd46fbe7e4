// Every comparison, side A against side B, with the figures it tells and what is asked of them.
//
// A figure: [key in what `run` gives, label, unit, must, aim]. `must` and `aim` are upper limits; a figure
// without them is only reported. `full`: not in --quick.
import { allocation } from './allocation.mjs';
import { aspNetCoreStart } from './aspnetcore-start.mjs';
import { callsMemory } from './calls-memory.mjs';
import { fetches } from './fetch.mjs';
import { besideJobs, functionCalls } from './functions.mjs';
import { gigabytes } from './gigabytes.mjs';
import { hello, lone } from './hello.mjs';
import { json } from './json.mjs';
import { loop } from './loop.mjs';
import { memory } from './memory.mjs';
import { allocating, budgets, memoryUnderLoad } from './memory-load.mjs';
import { peerCalls, peerJobs } from './peers.mjs';
import { reload } from './reload.mjs';
import { firstAnswer } from './start.mjs';
import { transfer } from './transfer.mjs';
import { echo } from './websocket.mjs';

const requestFigures = [
  ['cpuA', 'CPU a request, A', 'µs'],
  ['cpuB', 'CPU a request, B', 'µs'],
  ['rpsRatio', 'requests a second, A / B', 'x'],
  ['rpsA', 'requests a second, A', ''],
  ['rpsB', 'requests a second, B', ''],
];
const cpuRatio = (...limits) => ['cpuRatio', 'CPU a request, A / B', 'x', ...limits];
const cpuAdded = (...limits) => ['cpuAdded', 'CPU a request, A - B', 'µs', ...limits];

const loopFigures = [
  ['delay99', 'event loop delay p99, A', 'ms', 5],
  ['delay99B', 'event loop delay p99, B', 'ms'],
  ['delay99Added', 'event loop delay p99, A - B', 'ms'],
  ['delayMax', 'event loop delay max, A', 'ms'],
  ['answer99', 'answer p99, A (.NET)', 'ms'],
  ['answer99B', 'answer p99, B (JS)', 'ms'],
];

const transferFigures = (...ratioLimits) => [
  ['cpuRatio', 'CPU a MB, A / B', 'x', ...ratioLimits],
  ['riseAdded', 'peak RSS over warm idle, A - B', 'MB', 16],
  ['cpuPerMbA', 'CPU a MB, A', 'µs'],
  ['cpuPerMbB', 'CPU a MB, B', 'µs'],
  ['mbPerSA', 'MB a second, A', ''],
  ['mbPerSB', 'MB a second, B', ''],
  ['riseA', 'peak RSS over warm idle, A', 'MB'],
  ['riseB', 'peak RSS over warm idle, B', 'MB'],
];

const peerCallFigures = [
  ['none', 'an empty call'],
  ['hop', 'an empty call with a thread hop'],
  ['object', 'an object of 1 KB'],
  ['64k', 'a buffer of 64 KB'],
  ['1m', 'a buffer of 1 MB'],
].flatMap(([key, what]) => [
  [`${key}Ratio`, `CPU, ${what}, A / B`, 'x', undefined, 1],
  [`${key}A`, `CPU, ${what}, A`, 'µs'],
  [`${key}B`, `CPU, ${what}, B`, 'µs'],
]);

const peerJobFigures = (cpuMost, plainMost) => [
  ['cpuRatio', 'CPU a job, A / B', 'x', cpuMost],
  ['plain99Ratio', 'JavaScript route p99, A / B', 'x', plainMost],
  ['hello50A', '.NET route p50, A', 'ms', 5],
  ['hello50B', '.NET route p50, B', 'ms'],
  ['plain99A', 'JavaScript route p99, A', 'ms'],
  ['plain99B', 'JavaScript route p99, B', 'ms'],
  ['cpuA', 'CPU a job, A', 'ms'],
  ['cpuB', 'CPU a job, B', 'ms'],
  ['perSA', 'jobs a second, A', ''],
  ['perSB', 'jobs a second, B', ''],
];

export const comparisons = [
  {
    name: 'noise',
    title: 'plain node:http against itself: what this machine cannot tell apart',
    a: 'http-js',
    b: 'http-js',
    run: hello,
    full: true,
    figures: [cpuRatio(), cpuAdded(), ...requestFigures],
  },
  {
    name: 'hello-http',
    title: 'bare http.createServer(owin(dll)) against plain node:http',
    a: 'http-owin',
    b: 'http-js',
    run: hello,
    figures: [cpuRatio(1.35, 1.25), cpuAdded(10), ...requestFigures],
  },
  {
    name: 'hello-kestrel',
    title: 'bare http.createServer(owin(dll)) against Kestrel alone',
    a: 'http-owin',
    b: 'kestrel',
    run: hello,
    figures: [cpuRatio(1.0), cpuAdded(), ...requestFigures],
  },
  {
    name: 'aspnet-kestrel',
    title: 'a minimal API in bare node:http against Kestrel alone',
    a: 'http-aspnet',
    b: 'kestrel',
    run: hello,
    figures: [cpuRatio(1.25), cpuAdded(), ...requestFigures],
  },
  {
    name: 'aspnet-proxy',
    title: 'a minimal API in express against express + a proxy to Kestrel',
    a: 'express-aspnet',
    b: 'express-proxy',
    run: hello,
    figures: [cpuRatio(0.5), cpuAdded(), ...requestFigures],
  },
  {
    name: 'aspnet-download',
    title: '100 MB down: express + a minimal API against express',
    a: 'express-aspnet',
    b: 'express-js',
    run: transfer('down', 100),
    figures: transferFigures(0.8),
  },
  {
    name: 'hello-express',
    title: 'express + owin against express + res.end',
    a: 'express-owin',
    b: 'express-js',
    run: hello,
    figures: [cpuAdded(12), cpuRatio(), ...requestFigures],
  },
  {
    name: 'pass-through',
    title:
      'a middleware in .NET that does nothing, before an express route, against an empty one in JS',
    a: 'pass-through-owin',
    b: 'pass-through-js',
    run: hello,
    figures: [cpuAdded(20), cpuRatio(), ...requestFigures],
  },
  {
    name: 'json',
    title: 'POST of 1 KB of JSON: express + owin against express',
    a: 'express-owin',
    b: 'express-js',
    run: json,
    full: true,
    figures: [cpuRatio(), cpuAdded(), ...requestFigures],
  },
  {
    name: 'lone',
    title: 'one connection: express + owin against express',
    a: 'express-owin',
    b: 'express-js',
    run: lone,
    figures: [
      ['p50Added', 'latency p50, A - B', 'µs', 35, 25],
      ['p50A', 'latency p50, A', 'µs'],
      ['p50B', 'latency p50, B', 'µs'],
      cpuAdded(),
    ],
  },
  {
    name: 'loop-gc',
    title:
      'a .NET thread collects in a loop, 1,000 requests a second; B: it collects in another process',
    a: 'express-owin',
    b: 'express-js',
    run: loop('gc'),
    figures: loopFigures,
  },
  {
    name: 'loop-burn',
    title: 'all cores in /burn handlers, 1,000 requests a second; B: they burn in another process',
    a: 'express-owin',
    b: 'express-js',
    run: loop('burn'),
    figures: loopFigures,
  },
  {
    name: 'upload',
    title: '64 MB up with SHA-256: express + owin against express',
    a: 'express-owin',
    b: 'express-js',
    run: transfer('up'),
    figures: transferFigures(1.0),
  },
  {
    name: 'download',
    title: '64 MB down: express + owin against express',
    a: 'express-owin',
    b: 'express-js',
    run: transfer('down'),
    figures: transferFigures(0.8),
  },
  {
    name: 'sendfile',
    title: '64 MB file: express + sendfile.SendAsync against express.static',
    a: 'express-owin',
    b: 'express-js',
    run: transfer('file'),
    figures: transferFigures(1.1),
  },
  {
    name: 'sendfile-written',
    title: '64 MB file: sendfile.SendAsync against a FileStream copied to the body in .NET',
    a: 'express-owin',
    b: 'express-owin-written',
    run: transfer('file'),
    full: true,
    figures: transferFigures(),
  },
  {
    name: 'websocket',
    title: '64-byte messages on 64 WebSockets: .NET echoes against ws',
    a: 'websocket-owin',
    b: 'websocket-js',
    run: echo({ bytes: 64, connections: 64 }),
    figures: [
      ['cpuRatio', 'CPU a message, A / B', 'x', 2],
      ['perSRatio', 'messages a second, A / B (0.9 wanted)', 'x'],
      ['cpuA', 'CPU a message, A', 'µs'],
      ['cpuB', 'CPU a message, B', 'µs'],
      ['perSA', 'messages a second, A', ''],
      ['perSB', 'messages a second, B', ''],
    ],
  },
  {
    name: 'websocket-large',
    title: '1 MB messages on 4 WebSockets: .NET echoes against ws',
    a: 'websocket-owin',
    b: 'websocket-js',
    run: echo({ bytes: 1024 * 1024, connections: 4 }),
    figures: [
      ['mbPerSRatio', 'MB a second, A / B (0.8 wanted)', 'x'],
      ['cpuRatio', 'CPU a message, A / B', 'x'],
      ['mbPerSA', 'MB a second, A', ''],
      ['mbPerSB', 'MB a second, B', ''],
    ],
  },
  {
    name: 'gigabytes',
    title: '4 GB through each way: what stays in the process of each GB',
    a: 'express-owin-gc',
    b: 'express-js-gc',
    run: gigabytes,
    full: true,
    figures: [
      ['upGrowthA', 'RSS a GB up, A', 'MB', 1],
      ['upGrowthB', 'RSS a GB up, B', 'MB'],
      ['downGrowthA', 'RSS a GB down, A', 'MB', 1],
      ['downGrowthB', 'RSS a GB down, B', 'MB'],
    ],
  },
  {
    name: 'memory',
    title: 'memory of express, + CLR and first handler, + second handler',
    a: 'express-owin-growing',
    run: memory,
    figures: [
      ['first.privateDirty', 'CLR + first handler, Private_Dirty', 'MB', 8.5, 6],
      ['second.privateDirty', 'second handler, Private_Dirty', 'MB', 0.1],
    ],
  },
  {
    name: 'memory-load',
    title: 'memory while a handler allocates 50 KB a request, against plain express under load',
    a: 'express-owin',
    b: 'express-js',
    run: memoryUnderLoad,
    figures: [
      ['privateAdded', 'largest Private_Dirty, A - B', 'MB', 40],
      ['privateA', 'largest Private_Dirty, A', 'MB'],
      ['privateB', 'largest Private_Dirty, B', 'MB'],
      ['rssAdded', 'largest RSS, A - B', 'MB'],
    ],
  },
  {
    name: 'memory-cpu',
    title: 'a handler that allocates 50 KB a request, against the gen0 budget that .NET chooses',
    a: 'express-owin',
    b: 'express-owin-budget-0',
    run: allocating,
    figures: [cpuRatio(1.05), cpuAdded(), ...requestFigures],
  },
  {
    name: 'memory-budgets',
    title: 'a handler that allocates 50 KB a request, with several gen0 budgets',
    a: 'express-owin',
    run: budgets,
    full: true,
    figures: [],
  },
  {
    name: 'fetch',
    title: 'handler.fetch in memory against a route of hono in JS',
    a: 'fetch-owin',
    b: 'fetch-hono',
    run: fetches,
    figures: [
      ['cpuA', 'CPU a fetch, A', 'µs', 40],
      ['cpuB', 'CPU a fetch, B', 'µs'],
      cpuAdded(),
      cpuRatio(),
    ],
  },
  {
    name: 'reload',
    title: 'reloads of an assembly, after 100 of them',
    a: 'reloading',
    run: reload,
    figures: [
      ['ms', 'reload and first answer', 'ms', 50],
      ['growth', 'Private_Dirty a reload', 'KB', 12],
    ],
  },
  {
    name: 'start',
    title: 'process start to first answer: express + owin against express',
    a: 'express-owin',
    b: 'express-js',
    run: firstAnswer,
    figures: [
      ['msAdded', 'first answer, A - B', 'ms', 130, 80],
      ['msA', 'first answer, A', 'ms'],
      ['msB', 'first answer, B', 'ms'],
    ],
  },
  {
    name: 'start-aspnetcore',
    title: 'a minimal API: from owin() to its first answer, against from `dotnet app.dll` to that',
    a: 'owin',
    run: aspNetCoreStart,
    figures: [
      ['msRatio', 'first answer, A / B', 'x', 0.8],
      ['msA', 'first answer, A', 'ms'],
      ['msB', 'first answer, B', 'ms'],
    ],
  },
  {
    name: 'allocation',
    title: 'managed bytes allocated for a hello request',
    a: 'express-owin',
    run: allocation,
    figures: [['bytes', 'allocated a request', 'bytes', 1024]],
  },
  {
    name: 'function-call',
    title: 'an empty call of a function, 64 in flight, against one by sync',
    a: 'functions',
    b: 'functions',
    run: functionCalls({ a: 'calls none 64 64000', b: 'sync 64000', count: 64_000 }),
    figures: [
      ['cpuA', 'CPU a call, A', 'µs', 1.5],
      ['cpuB', 'CPU a call, B', 'µs', 0.4],
      ['wallA', 'time a call, A', 'µs'],
    ],
  },
  {
    name: 'function-object',
    title: 'an object of 1 KB to a function and back, 64 in flight, against structuredClone',
    a: 'functions',
    b: 'functions',
    run: functionCalls({ a: 'calls object 64 12800', b: 'clones 12800', count: 12_800 }),
    figures: [
      ['cpuA', 'CPU a call, A', 'µs', 12],
      ['cpuB', 'CPU a clone, B', 'µs'],
    ],
  },
  ...[
    ['64k', 65_536, 64, 19_200],
    ['1m', 1_048_576, 8, 1_200],
  ].map(([size, bytes, inFlight, count]) => ({
    name: `function-${size}`,
    title: `a buffer of ${size.toUpperCase()}B to a function and back, ${inFlight} in flight, against Buffer.from`,
    a: 'functions',
    b: 'functions',
    run: functionCalls({
      a: `calls buffer ${inFlight} ${count} ${bytes}`,
      b: `copies ${count} ${bytes}`,
      count,
    }),
    figures: [
      ['cpuRatio', 'CPU, A / B', 'x', 2.2],
      ['cpuA', 'CPU a call, A', 'µs'],
      ['cpuB', 'CPU a copy, B', 'µs'],
    ],
  })),
  {
    name: 'calls-memory',
    title: '1,000,000 calls of functions: what of each stays',
    a: 'functions-gc',
    run: callsMemory,
    full: true,
    figures: [
      ['own', 'private memory a call', 'bytes', 2],
      ['heap', 'JavaScript heap a call', 'bytes', 0.5],
      ['managed', '.NET heap a call', 'bytes', 0.5],
    ],
  },
  ...[
    ['plain', 'a JavaScript route'],
    ['hello', 'a .NET route', 5],
  ].map(([path, what, most]) => ({
    name: `function-jobs-${path}`,
    title: `${what} while functions burn on all processors, against one alone`,
    a: 'functions',
    b: 'functions-idle',
    run: besideJobs(`/${path}`),
    figures: [
      ['p50A', 'answer p50, A', 'ms', most],
      ['p99A', 'answer p99, A', 'ms'],
      ['p50B', 'answer p50, B', 'ms'],
      ['p99B', 'answer p99, B', 'ms'],
      ['jobsA', 'jobs a second, A', ''],
    ],
  })),
  ...[
    ['node-api-dotnet', 'node-api-dotnet'],
    ['edge', 'edge-js'],
    ['piscina', 'piscina, which runs JavaScript'],
  ].map(([peer, title]) => ({
    name: `peer-calls-${peer}`,
    title: `calls of functions against ${title}: 64 in flight, of 1 MB 8`,
    a: 'peer-owin',
    b: `peer-${peer}`,
    run: peerCalls,
    full: true,
    figures: peerCallFigures,
  })),
  ...[
    ['owin', 'node-api-dotnet', 1.02],
    ['owin', 'edge', 1.02],
    ['owin', 'piscina', 1.02, 1],
    ['owin-cpubound', 'node-api-dotnet', 1.02],
    ['owin-cpubound', 'edge', 1.02],
    ['owin-cpubound', 'piscina', 1.02, 1],
  ].map(([own, peer, cpuMost, plainMost]) => ({
    name: `peer-${own === 'owin' ? 'jobs' : 'cpubound'}-${peer}`,
    title: `four jobs at a time in ${own === 'owin' ? 'functions' : 'cpuBound handlers'} against ${peer}`,
    a: `peer-${own}`,
    b: `peer-${peer}`,
    run: peerJobs,
    full: true,
    figures: peerJobFigures(cpuMost, plainMost),
  })),
];
