import { setImmediate } from 'node:timers/promises';
import owin, { type DotnetFunction, type FunctionOptions } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const SIZE = 2;
const LIMIT = 50;
await owin.runtime.start({ functions: { threads: SIZE, queueLimit: LIMIT } });

const func = (name: string, options?: FunctionOptions): DotnetFunction =>
  owin.func(appPath('Work'), `Acme.${name}`, options);
const letGo = func('Threads.LetGo');
await letGo.ready;

async function untilRunning(count: number): Promise<void> {
  while ((await owin.runtime.stats()).functions.running !== count) await setImmediate();
}

describe('a function', () => {
  test('runs on a thread of its own, before and behind an await', async () => {
    expect(await func('Threads.Name')()).toBe('owin function');
    expect(await func('Threads.NamesAround')()).toEqual(['owin function', 'owin function']);
  });

  test.runIf(process.platform === 'linux')('runs at lower priority', async () => {
    expect(await func('Threads.Niceness')()).toBe(10);
  });

  test('that blocks on a Task whose rest waits for a thread ends', async () => {
    const block = func('Threads.BlockOnTask');
    expect(await Promise.all(Array.from({ length: 8 }, () => block()))).toEqual(Array(8).fill(1));
  });

  test('runs as often at once as its option says', async () => {
    const enter = func('Threads.Enter', { concurrency: 1 });
    const most = await Promise.all(Array.from({ length: 10 }, () => enter()));
    expect(Math.max(...most)).toBe(1);
  });

  test('counts those that wait for their turn among the queued', async () => {
    const block = func('Threads.Block', { concurrency: 1 });
    await block.ready;
    const blocked = Array.from({ length: 3 }, () => block());
    await untilRunning(1);
    expect((await owin.runtime.stats()).functions.queued).toBe(2);
    letGo.sync(3);
    await Promise.all(blocked);
    expect((await owin.runtime.stats()).functions.queued).toBe(0);
  });

  test('of high priority goes first', async () => {
    const block = func('Threads.Block');
    const [low, high] = [
      func('Calls.Add', { priority: 'low' }),
      func('Calls.Add', { priority: 'high' }),
    ];
    await Promise.all([block.ready, low.ready, high.ready]);
    const blocked = Array.from({ length: SIZE }, () => block());
    await untilRunning(SIZE);
    const order: string[] = [];
    const calls = [
      low(1, 1).then(() => order.push('low')),
      high(1, 1).then(() => order.push('high')),
    ];
    await setImmediate();
    letGo.sync(1);
    await Promise.all(calls);
    expect(order).toEqual(['high', 'low']);
    letGo.sync(SIZE - 1);
    await Promise.all(blocked);
  });
});

describe('a handler', () => {
  const source = `
    using System.Collections.Generic;
    using System.IO;
    using System.Text;
    using System.Threading;
    using System.Threading.Tasks;
    public class Startup {
      public async Task Invoke(IDictionary<string, object> env) {
        var before = Thread.CurrentThread.Name;
        await Task.Delay(1);
        var text = $"{before}, {Thread.CurrentThread.Name}";
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(text));
      }
    }`;

  test('that is cpuBound runs on the threads of functions', async () => {
    const { url } = await serve(owin({ source }, { cpuBound: true }));
    expect((await request(url)).body).toBe('owin function, owin function');
  });

  test('that is not runs elsewhere', async () => {
    const { url } = await serve(owin({ source }));
    expect((await request(url)).body).not.toContain('owin function');
  });
});

describe('a full queue', () => {
  test('refuses one more call, and serves again when it is shorter', async () => {
    const [block, add] = [func('Threads.Block'), func('Calls.Add')];
    await Promise.all([block.ready, add.ready]);
    const blocked = Array.from({ length: SIZE }, () => block());
    await untilRunning(SIZE);
    const calls = Array.from({ length: LIMIT + 1 }, () => add(1, 1));
    const settled = Promise.allSettled(calls);
    await expect(calls.at(-1)).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_QUEUE_FULL' });
    letGo.sync(SIZE);
    await Promise.all(blocked);
    expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await add(1, 1)).toBe(2);
  });
});

describe('a full queue and a handler that is cpuBound', () => {
  test('refuses one more request with 503, and serves again when it is shorter', async () => {
    const source = `
      using System.Collections.Generic;
      using System.Threading.Tasks;
      public class Startup { public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask; }`;
    const errors: unknown[] = [];
    const handler = owin({ source }, { cpuBound: true, errors: '500' });
    handler.on('error', (error) => errors.push(error));
    const { url } = await serve(handler);
    expect((await request(url)).status).toBe(200);
    const block = func('Threads.Block');
    await block.ready;
    const blocked = Array.from({ length: SIZE }, () => block());
    await untilRunning(SIZE);
    const queued = Array.from({ length: LIMIT }, () => request(url));
    while ((await owin.runtime.stats()).functions.queued < LIMIT) await setImmediate();
    const refused = await request(url, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    letGo.sync(SIZE);
    await Promise.all(blocked);
    for (const { status } of await Promise.all(queued)) expect(status).toBe(200);
    expect((await request(url)).status).toBe(200);
    expect(errors).toEqual([]);
  });
});

describe('an aborted call', () => {
  test('rejects at once, with the reason as its cause', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    const waiting = func('Calls.WaitForCancellation')({ signal: abort.signal });
    abort.abort(reason);
    await expect(waiting).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: reason,
    });
    await expect(func('Calls.Add')(1, 2, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORT_ERR',
    });
    await untilRunning(0);
  });

  test('that blocks for ever gives its thread’s place to another', async () => {
    const block = func('Threads.BlockForEver');
    await block.ready;
    const abort = new AbortController();
    const calls = Array.from({ length: SIZE }, () => block({ signal: abort.signal }));
    await untilRunning(SIZE);
    abort.abort();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'ABORT_ERR' });
    expect(await func('Calls.Add')(40, 2)).toBe(42);
  });
});

describe('an aborted call that blocks for ever behind an await', () => {
  test('gives its thread’s place to another', async () => {
    const block = func('Threads.BlockForEverLater');
    await block.ready;
    const abort = new AbortController();
    let told = 0;
    const tell = () => void told++;
    const calls = Array.from({ length: SIZE }, () => block(tell, { signal: abort.signal }));
    const settled = Promise.allSettled(calls);
    while (told < SIZE) await setImmediate();
    abort.abort();
    await settled;
    expect(await func('Calls.Add')(40, 2)).toBe(42);
  });

  test('that comes back only later does so as well', async () => {
    const block = func('Threads.BlockForEverAfterAbort');
    await block.ready;
    const abort = new AbortController();
    const tells: (() => void)[] = [];
    const wait = () => new Promise<void>((resolve) => tells.push(resolve));
    const calls = Array.from({ length: SIZE }, () => block(wait, { signal: abort.signal }));
    const settled = Promise.allSettled(calls);
    while (tells.length < SIZE) await setImmediate();
    abort.abort();
    await settled;
    for (const tell of tells) tell();
    expect(await func('Calls.Add')(40, 2)).toBe(42);
  });
});

describe('a closed function', () => {
  test('has ended its calls, and takes no further ones', async () => {
    const add = func('Calls.AddLater');
    const sum = add(1, 2);
    await add.close();
    await expect(sum).resolves.toBe(3);
    await expect(add(1, 2)).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_CLOSED' });
    expect(() => add.sync(1, 2)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_FUNCTION_CLOSED' }),
    );
  });

  test('closes also after a call that could not be made', async () => {
    const add = func('Calls.Add');
    await expect(add(Symbol('x'), 1)).rejects.toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
    await add.close();
  });
});
