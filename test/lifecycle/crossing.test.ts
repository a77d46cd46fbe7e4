// What passes between the threads, seen from the event loop.
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { Limits } from '../../src/http/frames.generated.ts';
import { slowdown } from '../sanitizers/slowdown.ts';
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
  const answers = deeds.map((deed) =>
    ask(`${url}/next-together?of=${deeds.length}`, { deed: deed ?? 'none' }),
  );
  return Promise.all(answers);
}

describe('a drain', () => {
  test('lets timers run however much .NET has sent', async () => {
    const { url, js } = await start();
    const busy = Array.from({ length: 400 }, () => 'busy');
    const answers = await atOnce(url, busy);
    const { longest, total } = await js('ticks');
    console.log(
      `400 answers took ${total.toFixed(0)} ms of JavaScript, at most ${longest.toFixed(0)} ms without a timer`,
    );
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['done by JavaScript']));
    expect(longest).toBeLessThan(total / 4);
  });

  test('goes on behind what a `next` throws, which is an uncaughtException', async () => {
    const { server, url, js } = await start('listen');
    const deeds = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 'throw' : 'busy'));
    const answers = await atOnce(url, deeds);
    expect(answers).toEqual(deeds.map(() => ({ status: 200, body: 'done by JavaScript' })));
    for (let thrown = 0; thrown < 10; thrown++)
      expect(await server.next()).toEqual({ message: 'thrown within a drain' });
    expect(await js('stats')).toMatchObject({
      exchanges: 0,
      slots: { used: 0 },
      dotnetExchanges: 0,
    });
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
    await Promise.allSettled([
      ...Array.from({ length: 50 }, () => ask(`${url}/hello`)),
      ask(`${url}/next-together?of=1`, { deed: 'exit' }),
    ]);
    expect(await server.exit()).toMatchObject({ code: 4, signal: null });
    expect(server.stderr).toBe('');
    await Promise.all(flood);
  });
});

describe('slots', () => {
  test('a thousand aborts mix nothing up: every answer is the one to its request', {
    timeout: 60_000 * slowdown,
  }, async () => {
    const { server, url, js } = await start();
    const aborts = { done: 0 };
    await Promise.all(
      Array.from({ length: 32 }, async (_, client) => {
        for (let round = 0; aborts.done < 1_000; round++) {
          const id = `${client}.${round} `;
          // Longer than what travels inside a frame, for some.
          const body = id.repeat((client % 4) * 2_000 + 1);
          const request = http
            .request(`${url}/echo`, { method: 'POST', agent: false })
            .on('error', () => {});
          request.end(body);
          if (round % 3 !== 0) {
            aborts.done++;
            if (round % 3 === 2) await once(request, 'response');
            else await new Promise(setImmediate);
            const closed = new Promise((resolve) => request.on('close', resolve));
            request.destroy();
            await closed;
          } else {
            const [response] = (await once(request, 'response')) as [http.IncomingMessage];
            let text = '';
            for await (const chunk of response.setEncoding('latin1')) text += chunk;
            expect(text).toBe(body);
          }
        }
      }),
    );
    await expect
      .poll(() => js('stats'))
      .toMatchObject({ exchanges: 0, slots: { used: 0 }, dotnetExchanges: 0 });
    // Those that wait for `released` keep theirs a little longer.
    expect((await js('stats')).slots.slots).toBeLessThan(128);
    expect(server.stderr).toBe('');
  });
});

describe('credit', () => {
  const KB = 1024;

  /** A client that sends as fast as it may, for ever. */
  function upload(url: string, id: string): http.ClientRequest {
    const request = http
      .request(url, { method: 'POST', agent: false, headers: { upload: id } })
      .on('error', () => {});
    const more = () => {
      while (request.write(Buffer.alloc(64 * KB)));
    };
    request.on('drain', more);
    more();
    return request;
  }

  /** A figure once it has stopped to change. */
  async function settled(figure: () => Promise<number>): Promise<number> {
    for (let last = -1, same = 0; ; ) {
      const now = await figure();
      same = now === last ? same + 1 : 0;
      last = now;
      if (same === 20) return now;
    }
  }

  test('an app that does not read leaves the upload where it is', async () => {
    const { url, js } = await start();
    const request = upload(`${url}/never?id=unread`, 'unread');
    await get(`${url}/notes?of=never&at-least=1`);
    const read = await settled(() => js('read?unread'));
    console.log(
      `${(read / KB).toFixed(0)} KB were taken from the socket of an upload that nobody reads`,
    );
    expect(read).toBeLessThan(256 * KB);
    request.destroy();
  });

  test('an app that stops reading gets a window more, not the rest', async () => {
    const { url, js } = await start();
    const request = upload(`${url}/read-then-wait?id=stopped&n=100000`, 'stopped');
    await get(`${url}/notes?of=stopped&at-least=1`);
    const read = await settled(() => js('read?stopped'));
    console.log(
      `${(read / KB).toFixed(0)} KB were taken from the socket of an upload of which 98 KB were read`,
    );
    expect(read).toBeGreaterThan(100_000);
    expect(read).toBeLessThan(100_000 + 256 * KB + 192 * KB);
    // Node sees that the client has gone when it reads on.
    request.destroy();
    await get(`${url}/note?of=stopped:go`);
    await expect.poll(() => js('stats')).toMatchObject({ exchanges: 0, slots: { used: 0 } });
  });

  test('a client that does not read holds the app’s writes', async () => {
    const { url, js } = await start();
    const request = http
      .get(`${url}/big?n=${2 ** 40}`, { agent: false, headers: { upload: 'unread' } })
      .on('error', () => {});
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.on('error', () => {}).pause();
    await settled(async () => (await js('written?unread')).bytesWritten);
    const { waiting } = await js('written?unread');
    console.log(`${(waiting / KB).toFixed(0)} KB wait in Node for a client that does not read`);
    // The window has grown while the sockets' own buffers took the body at once.
    expect(waiting).toBeLessThan(Limits.bodyWindowMost + 64 * KB);
    request.destroy();
    await expect.poll(() => js('stats')).toMatchObject({ exchanges: 0, slots: { used: 0 } });
  });
});

describe('the event loop', () => {
  test('does not wait for .NET while it collects garbage in a loop', {
    timeout: 60_000,
  }, async () => {
    const { url, js } = await start();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const hello = async () => {
      const [response] = (await once(http.get(`${url}/hello`, { agent }), 'response')) as [
        http.IncomingMessage,
      ];
      await once(response.resume(), 'end');
    };
    const load = () =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let n = 0; n < 50; n++) await hello();
        }),
      );
    await load();
    await get(`${url}/collect?on=1`);
    await js('delay/begin');
    await load();
    const delay = await js('delay/end');
    await get(`${url}/collect?on=0`);
    agent.destroy();
    console.log(
      `event loop delay in ms while .NET collects: p50 ${delay.p50.toFixed(1)}, p99 ${delay.p99.toFixed(1)}, max ${delay.max.toFixed(1)}`,
    );
    expect(delay.p99).toBeLessThan(50);
  });
});

describe('the flow of a request in .NET', () => {
  test('finds no AsyncLocal of an earlier one', async () => {
    const { url } = await start();
    const found = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const answers = Array.from({ length: 20 }, (_, i) =>
        get(`${url}/async-local?set=${round}.${i}`),
      );
      for (const answer of await Promise.all(answers)) found.add(answer);
    }
    expect(found).toEqual(new Set(['']));
  });
});
