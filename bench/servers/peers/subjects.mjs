// The subjects that server.mjs can be. Each opens to `{ hello, job, calls }`: a request listener of its own, if it has
// one, a function that counts the solutions with so many queens, and the calls that are measured.

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { assembly } from '../../lib/dotnet.mjs';

// Their packages are not this one's.
const require = createRequire(new URL('../../peers/package.json', import.meta.url));
const app = assembly('Bench.App');
const peers = assembly('Bench.Peers');
const threads = availableParallelism();

async function owin() {
  const { default: owin } = await import('owin');
  const func = (name) => owin.func(app, `Bench.Functions.${name}`);
  const [nothing, echo, echoObject, queens] = ['NothingAsync', 'Echo', 'EchoObject', 'Queens'].map(
    func,
  );
  const hello = owin(app);
  await Promise.all([nothing, echo, echoObject, queens, hello].map(({ ready }) => ready));
  return {
    hello,
    job: queens,
    calls: { none: () => nothing(), hop: () => nothing(), object: echoObject, buffer: echo },
  };
}

/** The job in a handler instead of a function. */
async function owinCpuBound() {
  const { default: owin } = await import('owin');
  const [hello, jobs] = [owin(app), owin(app, { cpuBound: true })];
  await Promise.all([hello.ready, jobs.ready]);
  return { hello, jobs, calls: {} };
}

async function piscina() {
  const { Piscina } = require('piscina');
  const filename = fileURLToPath(new URL('worker.mjs', import.meta.url));
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads });
  const echo = (value) => pool.run(value, { name: 'echo' });
  return {
    job: (n) => pool.run(n, { name: 'queens' }),
    calls: { none: () => echo(), hop: () => echo(), object: echo, buffer: echo },
  };
}

async function edge() {
  process.env.EDGE_USE_CORECLR = '1';
  process.env.EDGE_BOOTSTRAP_DIR = fileURLToPath(new URL('.', `file://${assembly('EdgeJs')}`));
  const edge = require('edge-js');
  const func = (methodName) => {
    const typeName = 'Bench.Peers.EdgeFunctions';
    const call = edge.func({ assemblyFile: peers, typeName, methodName });
    return (input) =>
      new Promise((resolve, reject) =>
        call(input, (error, result) => (error ? reject(error) : resolve(result))),
      );
  };
  const [nothing, hop, echo, hello] = ['Nothing', 'Hop', 'Echo', 'Hello'].map(func);
  return {
    hello: answer(() => hello(null)),
    job: func('Queens'),
    calls: { none: () => nothing(null), hop: () => hop(null), object: echo, buffer: echo },
  };
}

async function nodeApiDotnet() {
  const dotnet = require('node-api-dotnet/net10.0');
  dotnet.load(peers);
  const { Address, Payload, Peers } = dotnet.Bench;
  // Structs are known once they have been asked for.
  new Address();
  new Payload();
  const api = Peers.DynamicFunctions;
  return {
    hello: answer(() => api.HelloAsync()),
    job: (n) => api.QueensAsync(n),
    calls: {
      none: () => api.NothingAsync(),
      hop: () => api.HopAsync(),
      object: (value) => api.EchoObjectAsync(value),
      buffer: (bytes) => api.EchoAsync(bytes),
    },
  };
}

const answer = (text) => async (_req, res) => {
  const body = await text();
  res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
};

export const subjects = {
  owin,
  'owin-cpubound': owinCpuBound,
  piscina,
  edge,
  'node-api-dotnet': nodeApiDotnet,
};
