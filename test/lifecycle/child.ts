import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { withAddon } from '../sanitizers/environment.ts';
import { slowdown } from '../sanitizers/slowdown.ts';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Time from asking for it to the end, as of a build without a sanitizer. */
  ms: number;
}

/** A process of its own that runs a script of `fixtures/`; gone when the test is. */
export class Child {
  readonly process: ChildProcess;
  /** What it has printed to its error stream. */
  stderr = '';
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown[]>;

  constructor(fixture: string, args: string[]) {
    const script = fileURLToPath(new URL(fixture, new URL('fixtures/', import.meta.url)));
    this.process = spawn(process.execPath, [script, ...args], {
      env: withAddon(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.#lines = readline.createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
    this.#closed = once(this.process, 'close');
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  /** The next line it prints, as the JSON it is. */
  async next<T = any>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done)
      throw new Error(
        `The process has ended: ${JSON.stringify(await this.exit())}\n${this.stderr}`,
      );
    return JSON.parse(value);
  }

  /** The lines that it has printed and nobody has taken, once it has ended. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next())
      lines.push(line.value);
    return lines;
  }

  /** Waits for its end; after 10 s it is killed, which shows as SIGKILL. */
  async exit(): Promise<Exit> {
    const begin = performance.now();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000 * slowdown);
    const [code, signal] = (await this.#closed) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return { code, signal, ms: (performance.now() - begin) / slowdown };
  }
}

/** Runs a script of `fixtures/` in a process of its own. */
export function run(fixture: string, ...args: string[]): Child {
  return new Child(fixture, args);
}

/** The same for one that prints `{ port }` first. */
export async function serving(
  fixture: string,
  ...args: string[]
): Promise<Child & { url: string; port: number }> {
  const child = run(fixture, ...args);
  const { port } = await child.next<{ port: number }>();
  return Object.assign(child, { port, url: `http://127.0.0.1:${port}` });
}

/** The body of a GET, which must succeed. */
export async function get(url: string): Promise<string> {
  const response = await fetch(url, { headers: { Connection: 'close' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.text();
}
