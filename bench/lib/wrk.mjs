// wrk on one server, or on two that take turns.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const POST_JSON = fileURLToPath(new URL('post-json.lua', import.meta.url));
const TURN = 100; // ms
const LONGEST = 60; // s; a run is ended long before, by its harness

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Fails with what to do when wrk is not there. */
export async function requireWrk() {
  const child = spawn('wrk', ['--version'], { stdio: 'ignore' });
  await once(child, 'close').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(
      `wrk, the load generator, is not on PATH (${process.env.PATH}): apt-get install wrk`,
    );
  });
}

/** `seconds` of load on one server; resolves to the number of requests. */
export async function wrk(server, path, { seconds, ...options }) {
  const run = new Run(server, path, options);
  await run.turn(seconds * 1000);
  return (await run.finish()).requests;
}

/**
 * `seconds` of load on each of two servers in turns of 100 ms, A B B A: what slows the machine down for longer
 * than a turn slows both. Resolves to `{ a, b }`: requests, requests a second of its own turns, latency p50 in
 * µs, and CPU µs a request.
 */
export async function wrkInTurns({ a, b }, path, { seconds, ...options }) {
  const before = { a: await a.cpu(), b: await b.cpu() };
  const runs = { a: new Run(a, path, options), b: new Run(b, path, options) };
  for (let turn = 0; turn < (2 * seconds * 1000) / TURN; turn++)
    await runs['abba'[turn % 4]].turn(TURN);
  const loads = { a: await runs.a.finish(), b: await runs.b.finish() };
  const sample = async (server, side) => ({
    ...loads[side],
    cpu: ((await server.cpu()) - before[side]) / loads[side].requests,
  });
  return { a: await sample(a, 'a'), b: await sample(b, 'b') };
}

/** A wrk process that stands still except in its turns. */
class Run {
  #active = 0;
  #out = '';

  constructor(server, path, { connections = 64, post = false }) {
    this.what = `wrk against ${server.name}${path}`;
    const script = post ? ['-s', POST_JSON] : [];
    const url = `http://127.0.0.1:${server.port}${path}`;
    const args = [
      '-t1',
      `-c${connections}`,
      `-d${LONGEST}s`,
      '--timeout',
      '10s',
      '--latency',
      ...script,
      url,
    ];
    this.child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(this.child);
    this.child.kill('SIGSTOP');
    this.child.stdout.on('data', (chunk) => {
      this.#out += chunk;
    });
    this.closed = once(this.child, 'close').finally(() => running.delete(this.child));
  }

  async turn(ms) {
    await this.#run(setTimeout(ms));
    this.child.kill('SIGSTOP');
  }

  /** Ends it as by Ctrl-C; it reports after at most 100 ms more, which count as well. */
  async finish() {
    // Until it obeys: wrk ends only when its main thread gets the signal, and one that comes right after SIGCONT
    // may go to the other.
    const interrupt = setInterval(() => this.child.kill('SIGINT'), 5);
    await this.#run(this.closed);
    clearInterval(interrupt);
    const bad = /Non-2xx or 3xx responses:.*|Socket errors:.*/.exec(this.#out);
    if (bad) throw new Error(`${this.what}: ${bad[0]}`);
    const requests = Number(/(\d+) requests in/.exec(this.#out)?.[1]);
    if (!requests) throw new Error(`${this.what} gave no figures: ${this.#out}`);
    return {
      requests,
      rps: (requests / this.#active) * 1000,
      p50: microseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(this.#out)),
    };
  }

  async #run(until) {
    const began = performance.now();
    this.child.kill('SIGCONT');
    await until;
    this.#active += performance.now() - began;
  }
}

function microseconds([, number, unit]) {
  return Number(number) * { us: 1, ms: 1e3, s: 1e6 }[unit];
}
