import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { often, slowdown } from '../sanitizers/slowdown.ts';
import { get, run, serving } from './child.ts';

/** A process, with the means to have workers in it. */
async function start() {
  const main = await serving('workers.mjs');
  const ask = async (path: string) => JSON.parse((await get(main.url + path)) || 'null');
  return {
    main,
    spawn: (): Promise<{ id: number; url: string }> => ask('/js/spawn'),
    terminate: (id: number): Promise<number> => ask(`/js/terminate?${id}`),
    ended: (id: number): Promise<number> => ask(`/js/ended?${id}`),
  };
}

/** A request whose connection may break. */
function request(url: string): http.ClientRequest {
  return http
    .get(url, { agent: false })
    .on('error', () => {})
    .on('response', (response) => response.on('error', () => {}).resume());
}

describe('workers with handlers of their own', () => {
  test('serve beside the main thread', async () => {
    const { main, spawn } = await start();
    await get(`${main.url}/hello`);
    const workers = await Promise.all([spawn(), spawn(), spawn()]);
    const urls = [main.url, ...workers.map(({ url }) => url)];
    for (let round = 0; round < 20; round++)
      await Promise.all(
        urls.map(async (url, i) => {
          const response = await fetch(`${url}/echo`, {
            method: 'POST',
            body: `${i} `.repeat(10_000 + round),
          });
          expect(await response.text()).toBe(`${i} `.repeat(10_000 + round));
        }),
      );
    expect(main.stderr).toBe('');
  });

  test('share the process’s one application domain, and no statics of the app', async () => {
    const { main, spawn } = await start();
    const { url } = await spawn();
    const taken = get(`${main.url}/domain/take?id=shared&n=2`);
    await get(`${url}/domain/give?id=shared`);
    await get(`${main.url}/domain/give?id=shared`);
    expect(await taken).toBe('taken');

    request(`${url}/never?id=worker`);
    expect(await get(`${url}/notes?of=never&at-least=1`)).toBe('worker');
    expect(await get(`${main.url}/notes?of=never`)).toBe('');
  });

  test('can be the first and only ones that load the addon, again and again', async () => {
    const { main, spawn, terminate } = await start();
    for (let times = 0; times < 3; times++) {
      const { id, url } = await spawn();
      expect(await get(`${url}/hello`)).toContain('Hello');
      expect(await terminate(id)).toBe(1);
    }
    expect(await get(`${main.url}/hello`)).toContain('Hello');
    expect(main.stderr).toBe('');
  });

  test.each([
    ['is terminated', (_url: string, terminate: () => Promise<unknown>) => terminate()],
    ['ends by process.exit', (url: string) => get(`${url}/js/exit`)],
  ])(
    'one that %s: its requests are cancelled, its apps are told, the others go on',
    async (_, end) => {
      const { main, spawn, terminate } = await start();
      await get(`${main.url}/hello`);
      const { id, url } = await spawn();
      for (let n = 0; n < 5; n++) request(`${url}/domain/watch?id=watch`);
      await get(`${main.url}/domain/take?id=watch:waiting&n=5`);
      await end(url, () => terminate(id));
      expect(await get(`${main.url}/domain/take?id=watch&n=5`)).toBe('taken');
      expect(await get(`${main.url}/domain/take?id=watch:closing&n=5`)).toBe('taken');
      expect(main.stderr).toBe('');
    },
  );

  test('one whose server is closed ends by itself, with the apps told', async () => {
    const { main, spawn, ended } = await start();
    const { id, url } = await spawn();
    await get(`${url}/closing?id=worker`);
    const end = ended(id);
    await get(`${url}/js/close`);
    expect(await end).toBe(0);
    await get(`${main.url}/hello`);
    await expect.poll(() => main.stderr).toBe('closing worker\n');
  });

  test('one alone gets the exceptions that nothing catches; the main thread, once it has a handler, gets all', async () => {
    const { main, spawn } = await start();
    const first = await spawn();
    await get(`${first.url}/unhandled`);
    expect(await main.next()).toMatchObject({
      name: 'System.InvalidOperationException',
      message: 'nobody catches this',
    });

    await get(`${main.url}/hello`);
    const second = await spawn();
    // The process may end before its answer has left.
    await get(`${second.url}/unhandled`).catch(() => {});
    expect(await main.exit()).toMatchObject({ code: 1 });
    expect(main.stderr).toContain('nobody catches this');
  });

  test.each([0, 20, 40, 60, 80, 100])(
    'one terminated %i ms after it began to load .NET leaves it to the others',
    async (ms) => {
      const { main, spawn } = await start();
      await get(`${main.url}/js/cut?${ms}`);
      const { url } = await spawn();
      expect(await get(`${url}/hello`)).toContain('Hello');
      expect(await get(`${main.url}/hello`)).toContain('Hello');
      expect(main.stderr).toBe('');
    },
  );

  test.each([0, 20, 40, 60, 80, 100])(
    'a process may exit %i ms after one began to load .NET',
    async (ms) => {
      const { main } = await start();
      await get(`${main.url}/js/leave?${ms}`).catch(() => {});
      expect(await main.exit()).toMatchObject({ code: 6, signal: null });
      expect(main.stderr).toBe('');
    },
  );

  test('a process with requests in flight in a worker ends with the code it is given', async () => {
    const { main, spawn } = await start();
    const { url } = await spawn();
    request(`${url}/big?n=${2 ** 40}`);
    request(`${url}/never?write`);
    await get(`${url}/notes?of=never&at-least=1`);
    await get(`${main.url}/js/exit?4`).catch(() => {});
    expect(await main.exit()).toMatchObject({ code: 4, signal: null });
    expect(main.stderr).toBe('');
  });

  test('ones terminated in the middle of large bodies end alone', {
    timeout: 60_000 * slowdown,
  }, async () => {
    const { main } = await start();
    await get(`${main.url}/hello`);
    await get(`${main.url}/js/floods?${often(30)}`);
    expect(await get(`${main.url}/hello`)).toContain('Hello');
    expect(main.stderr).toBe('');
  });

  test('ones terminated in the middle of their requests leave nothing to the next ones', {
    timeout: 180_000 * slowdown,
  }, async () => {
    const LANES = 4;
    // Of each worker: the one with its handler, and two with the functions it calls.
    const APPS = 3;
    const child = run('worker-cycles.mjs', String(often(120)), String(LANES), 'owin');
    const samples: { privateKB: number; managedKB: number; contexts: number; running: number }[] =
      [];
    for (let count = 0; count <= 20; count++) samples.push(await child.next());
    const [middle, last] = [samples[10]!, samples[20]!];
    const megabytes = samples.map(({ privateKB }) => (privateKB / 1024).toFixed(0));
    console.log(`private MB every 6 workers, ${LANES} at once: ${megabytes.join(' ')}`);
    // The default one, that of the main thread, and those of each worker, two times while one begins before the last has
    // gone.
    expect(last.contexts).toBeLessThanOrEqual(2 + 2 * LANES * APPS);
    // Those of the last workers may be ending.
    expect(last.running).toBeLessThanOrEqual(4 * LANES);
    // What each worker left was 90 KB when it had a context of its own.
    expect((last.managedKB - middle.managedKB) / 60).toBeLessThan(5);
    expect(child.stderr).toBe('');
  });

  test('a worker begins with the statics of one that has ended, in the same load context', async () => {
    const { spawn, terminate } = await start();
    const first = await spawn();
    await get(`${first.url}/note?of=static&text=left`);
    expect(await terminate(first.id)).toBe(1);
    await expect
      .poll(async () => {
        const next = await spawn();
        const notes = await get(`${next.url}/notes?of=static`);
        await terminate(next.id);
        return notes;
      })
      .toBe('left');
  });
});
