import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { withAddon } from '../sanitizers/environment.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The executable in a process of its own, gone when the test is. */
export class Program {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown[]>;

  constructor(args: string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [main, ...args], {
      env: { ...withAddon(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (chunk) => (this.stdout += chunk));
    this.process.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.#closed = once(this.process, 'close');
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  /** Waits for this on its standard output, and gives the groups. */
  async says(pattern: RegExp): Promise<string[]> {
    await expect
      .poll(() => this.stdout, { timeout: 60_000, message: `stderr: ${this.stderr}` })
      .toMatch(pattern);
    return (pattern.exec(this.stdout) as string[]).slice(1);
  }

  /** Waits for its end. */
  async exit(): Promise<{ code: unknown; signal: unknown }> {
    const [code, signal] = await this.#closed;
    return { code, signal };
  }
}

/** `owin serve` on a port that is free, once it listens. */
export async function serving(...args: string[]): Promise<{ program: Program; url: string }> {
  const program = new Program(['serve', '--port', '0', ...args]);
  const [url] = await program.says(/^Listening on (http:\/\/localhost:\d+)$/m);
  return { program, url: url as string };
}
