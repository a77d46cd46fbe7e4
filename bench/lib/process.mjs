// A server under measurement, in a process of its own.
//
// The process prints one JSON line, {"port":n}, when it listens; then it answers each line on its stdin
// by one JSON line, {"ok":value} or {"error":text}, in order. It ends when its stdin ends, so none
// outlives the harness.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const ANSWER_TIMEOUT = 60_000;
const STOP_TIMEOUT = 5000;

export class ServerProcess {
  #child;
  #waiting = [];
  #ended = null;
  #stopping = false;

  /** Starts `command` and resolves when it listens. */
  static async start(name, [command, ...args]) {
    const server = new ServerProcess(name, command, args);
    ({ port: server.port } = await server.#answer('start'));
    return server;
  }

  constructor(name, command, args) {
    this.name = name;
    this.spawnedAt = performance.now();
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('exit', (code, signal) =>
      this.#end(new Error(`${name} (${[command, ...args].join(' ')}) ended: ${signal ?? code}`)),
    );
    this.#child.stdin.on('error', () => {}); // it has ended: 'exit' tells why
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { error, ...answer } = JSON.parse(line);
      const waiter = this.#waiting.shift();
      if (error) waiter.reject(new Error(`${name}: ${error}`));
      else waiter.resolve(answer);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Sends one command of the side channel, e.g. 'cpu'. */
  async ask(command) {
    this.#child.stdin.write(`${command}\n`);
    return (await this.#answer(command)).ok;
  }

  /** User and system CPU time of all its threads so far, in µs (getrusage of the process itself). */
  cpu() {
    return this.ask('cpu');
  }

  /** `{ rss, pss, privateDirty }` in bytes. */
  memory() {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'utf8');
    return {
      rss: kilobytes(text, 'Rss'),
      pss: kilobytes(text, 'Pss'),
      privateDirty: kilobytes(text, 'Private_Dirty'),
    };
  }

  /** Peak RSS in bytes since the start or the last resetPeak(). */
  peakRss() {
    return kilobytes(readFileSync(`/proc/${this.pid}/status`, 'utf8'), 'VmHWM');
  }

  resetPeak() {
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5');
  }

  async stop() {
    if (this.#ended) return;
    this.#stopping = true;
    const exit = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT);
    this.#child.stdin.end();
    await exit;
    clearTimeout(timer);
  }

  async #answer(command) {
    if (this.#ended) throw this.#ended;
    const hung = () =>
      this.#end(new Error(`${this.name}: no answer to '${command}' in ${ANSWER_TIMEOUT} ms`));
    const timer = setTimeout(hung, ANSWER_TIMEOUT);
    try {
      return await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    } finally {
      clearTimeout(timer);
    }
  }

  #end(error) {
    this.#ended ??= error;
    this.#child.kill('SIGKILL');
    if (!this.#stopping) console.error(`  ${error.message}`);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#ended);
  }
}

function kilobytes(text, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)[1]) * 1024;
}
