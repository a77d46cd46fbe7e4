// Calls of .NET functions within one process, and what they are measured against. Its server answers /plain, in
// JavaScript, and /hello, in .NET: for how late these are while functions run.
import http from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import owin from 'owin';
import { payload } from '../lib/payload.mjs';
import { serve } from './control.mjs';

const dll = process.argv[2];
const func = (name) => owin.func(dll, `Bench.Functions.${name}`);
const [nothing, nothingAsync, echo, echoObject, queens] = [
  'Nothing',
  'NothingAsync',
  'Echo',
  'EchoObject',
  'Queens',
].map(func);
const buffers = new Map();
const bufferOf = (bytes) => {
  if (!buffers.has(bytes)) buffers.set(bytes, Buffer.alloc(bytes, 7));
  return buffers.get(bytes);
};

const object = payload();
const calls = {
  none: () => nothingAsync(),
  object: () => echoObject(object),
  buffer: (bytes) => echo(bufferOf(bytes)),
};

/** What is measured: `async` kinds with so many in flight, others one after the other. */
const work = {
  async calls(kind, inFlight, count, bytes) {
    const lane = async () => {
      for (let i = 0; i < count / inFlight; i++) await calls[kind](bytes);
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  },
  async sync(count) {
    for (let i = 0; i < count; i++) nothing.sync();
  },
  async copies(count, bytes) {
    for (let i = 0; i < count; i++) Buffer.from(bufferOf(bytes));
  },
  async clones(count) {
    for (let i = 0; i < count; i++) structuredClone(object);
  },
};

async function measure(name, ...args) {
  await Promise.all([nothing, nothingAsync, echo, echoObject].map(({ ready }) => ready));
  const numbers = args.map((each) => (Number.isNaN(Number(each)) ? each : Number(each)));
  const before = process.cpuUsage();
  const begun = performance.now();
  await work[name](...numbers);
  const { user, system } = process.cpuUsage(before);
  return { cpu: user + system, ms: performance.now() - begun };
}

let burning;
const handler = owin(dll);
const server = http.createServer((req, res) => {
  if (req.url === '/plain') res.end('plain');
  else handler(req, res);
});
serve(server, {
  measure,
  /** Keeps so many jobs under way until `stopJobs`, which says how many were done. */
  startJobs(lanes, size) {
    burning = { on: true, done: 0 };
    const state = burning;
    for (let i = 0; i < lanes; i++)
      (async () => {
        while (state.on) {
          await queens(Number(size));
          state.done++;
        }
      })();
  },
  stopJobs() {
    burning.on = false;
    return burning.done;
  },
  /** Bytes that are held when both heaps have been collected. `trim` gives back to the system what is free. */
  async held(trim) {
    const { trim: giveBack } = createRequire(import.meta.url)(trim);
    for (let i = 0; i < 2; i++) {
      await (await handler.fetch('http://localhost/heap')).text();
      // The memory of buffers that one collection finds dead is free by the end of the next.
      globalThis.gc();
      await setImmediate();
    }
    giveBack();
    const { heap } = await owin.runtime.stats();
    return { heap: process.memoryUsage().heapUsed, managed: heap.bytes };
  },
});
