// What passes between the threads, seen from the event loop.
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { get, serving } from './child.ts';

interface Answer {
  status: number;
  body: string;
}

/** A request whose answer is awaited. */
async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = http.get(url, { agent: false, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('latin1')) body += chunk;
  return { status: response.statusCode!, body };
}

async function start(...args: string[]) {
  const server = await serving('crossing.mjs', ...args);
  await get(`${server.url}/hello`);
  const js = async (path: string) => JSON.parse(await get(`${server.url}/js/${path}`));
  return { server, url: server.url, js };
}

/** Requests that go on with JavaScript's `next`, all of them at the same moment. */
async function atOnce(url: string, deeds: (string | undefined)[]): Promise<Answer[]> {
  const answers = deeds.map((deed) => ask(`${url}/next-together?of=${deeds.length}`, { deed: deed ?? 'none' }));
  return Promise.all(answers);
}

describe('a drain', () => {
  test('lets timers run however much .NET has sent', async () => {
    const { url, js } = await start();
    const busy = Array.from({ length: 400 }, () => 'busy');
    const answers = await atOnce(url, busy);
    const { longest, total } = await js('ticks');
    console.log(`400 answers took ${total.toFixed(0)} ms of JavaScript, at most ${longest.toFixed(0)} ms without a timer`);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['done by JavaScript']));
    expect(longest).toBeLessThan(total / 4);
  });

  test('goes on behind what a `next` throws, which is an uncaughtException', async () => {
    const { server, url, js } = await start('listen');
    const deeds = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 'throw' : 'busy'));
    const answers = await atOnce(url, deeds);
    expect(answers).toEqual(deeds.map(() => ({ status: 200, body: 'done by JavaScript' })));
    for (let thrown = 0; thrown < 10; thrown++) expect(await server.next()).toEqual({ message: 'thrown within a drain' });
    expect(await js('stats')).toMatchObject({ exchanges: 0, slots: { used: 0 }, dotnetExchanges: 0 });
    expect(await get(`${url}/hello`)).toContain('Hello');
    expect(server.stderr).toBe('');
  });

  test('ends the process with 1 where nobody listens to what is thrown', async () => {
    const { server, url } = await start();
    await ask(`${url}/next-together?of=1`, { deed: 'throw' }).catch(() => {});
    expect(await server.exit()).toMatchObject({ code: 1, signal: null });
    expect(server.stderr).toContain('Error: thrown within a drain');
  });

  test.each([1, 2, 3])('may call process.exit, while .NET sends more (%i)', async () => {
    const { server, url } = await start();
    const flood = Array.from({ length: 4 }, () => ask(`${url}/big?n=${2 ** 40}`).catch(() => {}));
    await Promise.allSettled([...Array.from({ length: 50 }, () => ask(`${url}/hello`)), ask(`${url}/next-together?of=1`, { deed: 'exit' })]);
    expect(await server.exit()).toMatchObject({ code: 4, signal: null });
    expect(server.stderr).toBe('');
    await Promise.all(flood);
  });
});
