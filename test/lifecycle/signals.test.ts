import { expect, test } from 'vitest';
import { get, run, serving } from './child.ts';

test('a listener of JavaScript keeps the process alive and serving', async () => {
  const server = await serving('signals.mjs');
  await get(`${server.url}/hello`);
  await get(`${server.url}/js/listen?SIGTERM`);
  for (let times = 0; times < 3; times++) {
    server.process.kill('SIGTERM');
    expect(await server.next()).toEqual({ signal: 'SIGTERM' });
    await get(`${server.url}/hello`);
  }
});

test('a listener that was taken away again leaves the signal its default', async () => {
  const server = await serving('signals.mjs');
  await get(`${server.url}/js/listen?SIGINT`);
  await get(`${server.url}/hello`);
  await get(`${server.url}/js/unlisten?SIGINT`);
  server.process.kill('SIGINT');
  expect(await server.exit()).toMatchObject({ code: null, signal: 'SIGINT' });
  expect(server.stderr).toBe('');
});

test.each(['SIGHUP', 'SIGUSR2', 'SIGQUIT', 'SIGALRM'] as const)(
  '%s has its default',
  async (signal) => {
    const server = await serving('signals.mjs');
    await get(`${server.url}/hello`);
    server.process.kill(signal);
    expect(await server.exit()).toMatchObject({ code: null, signal });
    expect(server.stderr).toBe('');
  },
);

test.each(['trap-first', 'trap-later'])(
  'WebAssembly traps and .NET null references are errors (%s)',
  async (order) => {
    const server = await serving('signals.mjs', order);
    for (let times = 0; times < 3; times++) {
      expect(await get(`${server.url}/js/trap`)).toBe('RuntimeError: memory access out of bounds');
      expect(await get(`${server.url}/null-reference`)).toBe('System.NullReferenceException');
    }
  },
);

const moments = [0, 5, 10, 20, 30, 40, 60, 90];

test.each(moments)(
  'process.exit(3), %i ms into the start of .NET, ends the process with 3',
  async (ms) => {
    const child = run('leave-early.mjs', 'exit', String(ms));
    expect(await child.exit()).toMatchObject({ code: 3, signal: null });
    expect(child.stderr).toBe('');
  },
);

test.each(moments)(
  'SIGTERM, %i ms into the start of .NET, ends the process by that signal',
  async (ms) => {
    const child = run('leave-early.mjs', 'kill', String(ms));
    expect(await child.exit()).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(child.stderr).toBe('');
  },
);

test.each(moments)(
  'SIGTERM, %i ms into the start of .NET, reaches a listener set meanwhile',
  async (ms) => {
    const child = run('leave-early.mjs', 'listen', String(ms));
    expect(await child.exit()).toMatchObject({ code: 5, signal: null });
    expect(child.stderr).toBe('');
  },
);
