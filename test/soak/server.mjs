// The server under soak: express and the kitchen. Answers each message with a sample of itself; to 'trim' after the
// garbage of both sides has been collected and what is free given back to the system.
//
//   node --expose-gc server.mjs <addon made of trim.c>
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import express from 'express';
import owin from 'owin';
import { kinds as functions } from './functions.mjs';

const kitchen = fileURLToPath(new URL('../apps/Kitchen/bin/Kitchen.dll', import.meta.url));
const { trim } = createRequire(import.meta.url)(process.argv[2]);
const MB = 1024 * 1024;

const handler = owin(kitchen);
let errors = 0;
handler.on('error', () => errors++);
await handler.ready;

let requests = 0;
let closed = 0;
const app = express().use((_req, res, next) => {
  requests++;
  res.on('close', () => closed++);
  next();
});
// What goes wrong in one is the server's error.
app.get('/functions/:kind', async (req, res) => {
  await functions[req.params.kind]();
  res.end('right');
});
app.use(handler);
const server = http.createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');

const kilobytes = (file, name) =>
  Number(readFileSync(file, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);

async function collect() {
  await (await handler.fetch('http://localhost/heap')).text();
  // The memory of buffers that one collection finds dead is free by the end of the next.
  global.gc();
  await turn();
  global.gc();
  trim();
}

// Assemblies stay open: one is loaded, once, whenever the compiler first needs it.
function openFiles() {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return undefined; // that of the listing itself
    }
  });
  return targets.filter((target) => target !== undefined && !target.endsWith('.dll')).length;
}

const connections = promisify(server.getConnections.bind(server));

process.on('message', async (message) => {
  if (message === 'trim') await collect();
  const stats = await owin.runtime.stats();
  const { exchanges, slots, dotnetExchanges, heap } = stats;
  const { queued, running, done } = stats.functions;
  process.send({
    held: exchanges + slots.used + dotnetExchanges + (requests - closed) + (await connections()),
    // Some of it until both sides have collected.
    functionsHeld: stats.handles + queued + running,
    functionCalls: done,
    requests,
    errors,
    rss: kilobytes('/proc/self/status', 'VmRSS') / 1024,
    own: kilobytes('/proc/self/smaps_rollup', 'Private_Dirty') / 1024,
    heap: process.memoryUsage().heapUsed / MB,
    dotnetHeap: heap.bytes / MB,
    threads: kilobytes('/proc/self/status', 'Threads'),
    files: openFiles(),
    handles: process.getActiveResourcesInfo().length,
    slots: slots.slots,
  });
});
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port, functions: Object.keys(functions) });
