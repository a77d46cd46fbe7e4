import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const server = path.join(import.meta.dirname, '../../examples/hello/server.mjs');
let child: ChildProcess;
let base: string;

beforeAll(async () => {
  child = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [first] = (await once(lines, 'line')) as [string];
  base = first.replace(/jazz$/, '');
});

afterAll(async () => {
  child.kill();
  await once(child, 'exit');
});

describe('examples/hello', () => {
  it('answers /jazz in C#', async () => {
    const response = await fetch(`${base}jazz`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toMatch(/^Hello from C#\. Time on the server is .*\d:\d\d/);
  });

  it('answers /rocknroll in JavaScript', async () => {
    const response = await fetch(`${base}rocknroll`);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^Hello from JavaScript\. .*\d:\d\d/);
  });

  it('shows the exception of /error with its type, message and line', async () => {
    const response = await fetch(`${base}error`);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toMatch(/^System\.InvalidOperationException: Nobody plays \/error here\.\n/);
    expect(text).toMatch(/at OwinHelloWorld\.Startup\.Fail\(.*\) in .*Startup\.cs:line \d+/);
  });

  it('counts queens in /burn', async () => {
    const response = await fetch(`${base}burn?n=8`);
    expect(await response.text()).toMatch(/^8 queens: 92 solutions in \d+ ms/);
  });

  it('answers /rocknroll at once while /burn runs', async () => {
    let burned = '';
    const burning = fetch(`${base}burn?n=15`).then(async (response) => {
      burned = await response.text();
    });
    let slowest = 0;
    let answers = 0;
    while (burned === '') {
      const asked = performance.now();
      expect((await fetch(`${base}rocknroll`)).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - asked);
      answers++;
    }
    await burning;
    const [, ms] = burned.match(/^15 queens: 2279184 solutions in (\d+) ms/) ?? [];
    expect(answers).toBeGreaterThan(10);
    expect(slowest).toBeLessThan(Number(ms) / 2);
  });
});
