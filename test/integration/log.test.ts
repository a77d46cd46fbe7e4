import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import owin, { type Handler, type LogEntry } from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

/** A handler whose log is kept, and what asks it. */
async function noisy(onEntry?: (entry: LogEntry) => void) {
  const entries: LogEntry[] = [];
  const handler = owin(appPath('Noisy'), {
    log(entry) {
      entries.push(entry);
      onEntry?.(entry);
    },
  });
  return { entries, ...(await asking(handler)) };
}

async function asking(handler: Handler) {
  onTestFinished(() => handler.close());
  await handler.ready;
  const { url } = await serve((req, res) => handler(req, res));
  const ask = async (target: string) => expect((await request(url + target)).status).toBe(200);
  return { handler, ask };
}

const texts = (entries: LogEntry[]) => entries.map(({ message }) => message);

test('what is written to the console, and while the app starts', async () => {
  const { entries, ask, handler } = await noisy();
  await ask('/write?1');
  await handler.close();
  expect(entries).toEqual([
    { level: 'info', category: 'stdout', message: 'starting' },
    { level: 'info', category: 'stdout', message: 'out 1' },
    { level: 'error', category: 'stderr', message: 'error 1' },
  ]);
});

test('a message ends with a write that ends a line; what has no end comes at the close', async () => {
  const { entries, ask, handler } = await noisy();
  await ask('/pieces');
  await expect.poll(() => texts(entries).at(-1)).toBe('1.5');
  await handler.close();
  expect(texts(entries)).toEqual(['starting', 'ab1', 'two\nlines', 'cdef', '1.5', 'open']);
});

test('System.Diagnostics.Trace, with its levels and categories', async () => {
  const { entries, ask, handler } = await noisy();
  await ask('/trace');
  await handler.close();
  expect(entries.slice(1)).toEqual([
    { level: 'debug', category: 'trace', message: 'trace' },
    { level: 'debug', category: 'Jazz', message: 'with a category' },
    { level: 'info', category: 'trace', message: 'information 1' },
    { level: 'warn', category: 'trace', message: 'warning' },
    { level: 'error', category: 'trace', message: 'error' },
  ]);
});

test('host.TraceOutput', async () => {
  const { entries, ask, handler } = await noisy();
  await ask('/trace-output');
  await handler.close();
  expect(entries.slice(1)).toEqual([
    { level: 'info', category: 'host.TraceOutput', message: 'traced' },
  ]);
});

test('threads, tasks, timers and continuations that the app starts are the app’s', async () => {
  const { entries, ask, handler } = await noisy();
  await ask('/started?2');
  await ask('/requested');
  await expect.poll(() => texts(entries).at(-1)).toBe('as a continuation of the start');
  await handler.close();
  expect(texts(entries).slice(1, -1)).toEqual(['thread 2', 'task 2', 'timer 2']);
});

test('each app has its own, at the same time', async () => {
  const [one, two] = [await noisy(), await noisy()];
  const rounds = Array.from({ length: 50 }, (_, i) => i);
  await Promise.all(rounds.flatMap((i) => [one.ask(`/write?1-${i}`), two.ask(`/write?2-${i}`)]));
  for (const [number, { entries, handler }] of [one, two].entries()) {
    await handler.close();
    const own = rounds.flatMap((i) => [`out ${number + 1}-${i}`, `error ${number + 1}-${i}`]);
    expect(texts(entries).slice(1).sort()).toEqual(own.sort());
  }
});

test('a flood is dropped and counted while nobody takes it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const done = path.join(folder, 'done');
  // Node's thread stands still until all has been written.
  const { entries, ask, handler } = await noisy(({ message }) => {
    while (message.startsWith('x') && !existsSync(done));
  });
  const before = (await owin.runtime.stats()).heap.bytes;
  await ask(`/flood?${done}`);
  expect((await owin.runtime.stats()).heap.bytes - before).toBeLessThan(16e6);
  await handler.close();
  const missing = entries.flatMap(({ category, level, message }) =>
    category === 'owin' && level === 'warn' ? [Number.parseInt(message, 10)] : [],
  );
  const came = entries.filter(({ message }) => message.startsWith('x')).length;
  expect(came).toBeGreaterThan(1_000);
  expect(came).toBeLessThan(20_000);
  expect(came + missing.reduce((sum, count) => sum + count, 0)).toBe(100_000);
});

test('the error of a failed start has the last that was written', async () => {
  const entries: LogEntry[] = [];
  const handler = owin(appPath('Noisy'), {
    type: 'Noisy.Failing',
    log: (entry) => entries.push(entry),
  });
  const error = await handler.ready.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toMatchObject({
    name: 'System.InvalidOperationException',
    message: 'The band is not here.',
  });
  expect(error.output).toHaveLength(8 * 1024);
  expect(error.output).toMatch(/line 1998\nline 1999\nno instrument\n$/);
  expect(texts(entries).at(-1)).toBe('no instrument');
});

test('loggers of server.LoggerFactory', async () => {
  const entries: LogEntry[] = [];
  const handler = owin(appPath('Noisy'), {
    type: 'Noisy.Logging',
    log: (entry) => entries.push(entry),
  });
  await handler.ready;
  await handler.close();
  expect(entries).toEqual([
    { level: 'debug', category: 'Acme.Band', message: 'tuning' },
    {
      level: 'fatal',
      category: 'Acme.Band',
      message: 'a string broke',
      exception: expect.objectContaining({
        name: 'System.InvalidOperationException',
        message: 'snap',
        stack: expect.stringMatching(
          /at Noisy\.Logging\.Configuration\(.* in .*Startup\.cs:line \d+/,
        ),
      }),
    },
  ]);
});

test('log is a function', () => {
  const log = 'pino' as unknown as () => void;
  expect(() => owin(appPath('Noisy'), { log })).toThrow(
    'The option \'log\' of owin() takes a function, not "pino".',
  );
});
