// Every state a process can be in × every way it can end: the right code, in time, without a word that does not belong.
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { type Exit, get, serving } from './child.ts';

type Server = Awaited<ReturnType<typeof serving>>;

// ms; it is some 20 on a quiet machine.
const IN_TIME = 2_000;

/** Brings the process into a state. What it returns is the client, to be destroyed where the end waits for it. */
const states: Record<string, (server: Server) => Promise<http.ClientRequest | undefined>> = {
  'no .NET yet': async () => undefined,
  'a .NET that starts': async ({ url }) => {
    await get(`${url}/begin/start`);
    return undefined;
  },
  'an app that is loading': async (server) => {
    await get(`${server.url}/begin/load`);
    expect(await server.next()).toEqual({ startup: 'slow' });
    return undefined;
  },
  'a worker that answers': async (server) => {
    await get(`${server.url}/begin/worker`);
    const { port } = await server.next();
    const client = request(`http://127.0.0.1:${port}/never?write`);
    client.end();
    await once(client, 'response');
    return client;
  },
  idle: async ({ url }) => {
    await get(`${url}/hello`);
    return undefined;
  },
  'a request in flight': async ({ url }) => {
    const client = request(`${url}/never`);
    client.end();
    await get(`${url}/notes?of=never&at-least=1`);
    return client;
  },
  'a response that has begun': async ({ url }) => {
    const client = request(`${url}/never?write`);
    client.end();
    await once(client, 'response');
    return client;
  },
  'streaming up': async ({ url }) => {
    const client = request(`${url}/sha256`, 'POST');
    keepWriting(client);
    for (let drains = 0; drains < 10; drains++) await once(client, 'drain');
    return client;
  },
  'streaming down': async ({ url }) => {
    const client = request(`${url}/big?n=${2 ** 40}`);
    client.end();
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    response.on('error', () => {});
    await once(response.resume(), 'data');
    return client;
  },
  'a blocked .NET thread': async ({ url }) => {
    const client = request(`${url}/block`);
    client.end();
    await get(`${url}/notes?of=blocked&at-least=1`);
    return client;
  },
  'a foreground thread of .NET': async ({ url }) => {
    await get(`${url}/foreground`);
    return undefined;
  },
  'a child of .NET and its console used': async ({ url }) => {
    await get(`${url}/child?run=true`);
    await get(`${url}/console`);
    return undefined;
  },
};

describe.each(Object.entries(states))('with %s', (_, reach) => {
  async function start(...args: string[]) {
    const server = await serving('endings.mjs', ...args);
    const client = await reach(server);
    return { server, client };
  }

  test('a closed server lets the process end once its clients have gone', async () => {
    const { server, client } = await start();
    await get(`${server.url}/end/close`);
    client?.destroy();
    expect(await ended(server)).toEqual(silently({ code: 0 }));
  });

  test('process.exit(3) ends it with 3', async () => {
    const { server } = await start();
    await get(`${server.url}/end/exit`).catch(() => {});
    expect(await ended(server)).toEqual(silently({ code: 3 }));
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s ends it by that signal',
    async (signal) => {
      const { server } = await start();
      server.process.kill(signal);
      expect(await ended(server)).toEqual(silently({ signal }));
    },
  );

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s reaches a listener of JavaScript',
    async (signal) => {
      const { server } = await start(signal);
      server.process.kill(signal);
      expect(await server.next()).toEqual({ event: signal });
      expect(await ended(server)).toEqual(silently({ code: 5 }));
    },
  );

  test('an uncaught error of JavaScript ends it with 1', async () => {
    const { server } = await start();
    await get(`${server.url}/end/throw`);
    const stderr = expect.stringMatching(/Error: thrown by JavaScript\n +at /);
    expect(await ended(server)).toEqual({ ...silently({ code: 1 }), stderr });
  });
});

describe('Environment.Exit in .NET', () => {
  test.each(['/hello', '/never?write', '/block', `/big?n=${2 ** 40}`])(
    'ends the process with its code and without the event of JavaScript, beside %s',
    async (path) => {
      const server = await serving('endings.mjs', 'exit');
      await get(`${server.url}/hello`);
      // Each that blocks takes a thread of the pool, which is short of them at first.
      const count = path === '/block' ? 1 : 8;
      const others = Array.from({ length: count }, () => request(server.url + path));
      for (const client of others) client.end();
      const leaving = request(`${server.url}/environment-exit?code=7`);
      leaving.end();
      const stderr = 'leaving .NET\n';
      expect(await ended(server)).toEqual({ ...silently({ code: 7 }), stderr });
    },
  );
});

/** How it ended, and what it has printed beside what a test has taken. */
async function ended(server: Server) {
  return { ...(await server.exit()), stdout: await server.rest(), stderr: server.stderr };
}

/** The same of one that ended in time, and printed nothing. */
function silently({ code = null, signal = null }: Partial<Exit>) {
  const ms = expect.toSatisfy((ms: number) => ms < IN_TIME);
  return { code, signal, ms, stdout: [], stderr: '' };
}

function request(url: string, method = 'GET'): http.ClientRequest {
  const client = http.request(url, { method, agent: false });
  client.on('error', () => {});
  return client;
}

/** Writes as fast as it is read, for ever. */
function keepWriting(client: http.ClientRequest): void {
  const chunk = Buffer.alloc(64 * 1024);
  const more = () => {
    while (client.write(chunk));
  };
  client.on('drain', more);
  more();
}
