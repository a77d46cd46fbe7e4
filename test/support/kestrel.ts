import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';

/** An ASP.NET Core app that runs as it does without this package. */
export interface Kestrel extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  urls: string[];
  /** What it has printed. */
  output: string;
}

/**
 * Runs `dotnet <dll>`.
 *
 * @param options `cwd`: default the folder of the assembly; `addresses`: how many to wait for, default 1
 */
export async function kestrel(
  dll: string,
  args: string[] = ['--urls', 'http://127.0.0.1:0'],
  options: { cwd?: string; env?: Record<string, string>; addresses?: number } = {},
): Promise<Kestrel> {
  const { cwd = path.dirname(dll), env = {}, addresses = 1 } = options;
  const child = spawn('dotnet', [dll, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const app: Kestrel = {
    urls: [],
    output: '',
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  child.stderr.on('data', (chunk) => (app.output += chunk));
  const started = new Promise<void>((resolve) => {
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      app.output += `${line}\n`;
      const url = line.match(/Now listening on: (\S+)/)?.[1];
      if (url) app.urls.push(url);
      if (app.urls.length >= addresses) resolve();
    });
  });
  await Promise.race([
    started,
    ended.then(([code]) => Promise.reject(new Error(`Ended with ${code}:\n${app.output}`))),
  ]);
  return app;
}
