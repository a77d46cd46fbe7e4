// One way to call .NET, or to burn a processor, from Node:  node server.mjs <name in subjects.mjs>
//
// Answers /plain in JavaScript, /hello in .NET where the subject has any, and /job?n= with the solutions for n queens.
import http from 'node:http';
import { payload } from '../../lib/payload.mjs';
import { serve } from '../control.mjs';
import { subjects } from './subjects.mjs';

const subject = await subjects[process.argv[2]]();
const kinds = {
  none: () => undefined,
  hop: () => undefined,
  object: payload,
  buffer: (bytes) => Buffer.alloc(bytes, 7),
};

const server = http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/plain') return res.end('plain');
  if (url.pathname === '/hello') return subject.hello ? subject.hello(req, res) : res.end('hello');
  if (subject.jobs) {
    req.url = req.url.replace('/job', '/queens');
    return subject.jobs(req, res);
  }
  res.end(String(await subject.job(Number(url.searchParams.get('n')))));
});

async function measure(kind, inFlight, count, bytes) {
  const call = subject.calls[kind];
  const value = kinds[kind](Number(bytes));
  const lane = async () => {
    for (let i = 0; i < count / inFlight; i++) await call(value);
  };
  const before = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(Array.from({ length: Number(inFlight) }, lane));
  const { user, system } = process.cpuUsage(before);
  return { cpu: user + system, ms: performance.now() - begun };
}

// A machine with other work may leave a connection alone for longer than Node waits by itself.
server.keepAliveTimeout = 60_000;
serve(server, {
  measure,
  /** Of what a call of that kind gives back, enough to see that it is the same. */
  async sample(kind, bytes) {
    const result = await subject.calls[kind](kinds[kind](Number(bytes)));
    return kind === 'object' ? [result.id, result.address.street, result.notes] : result.length;
  },
});
