// ASP.NET Core apps and the process they are in.
import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { request } from '../support/request.ts';
import { type Child, run } from './child.ts';
import { dotnetRoot, installed, makeDotnet, realParts } from './made-dotnet.ts';

const CORE = 'Microsoft.NETCore.App';
const windows = process.platform === 'win32';

/** The next lines it prints, up to the one that has the key. */
async function until(child: Child, key: string): Promise<Record<string, unknown>[]> {
  const lines = [];
  do lines.push(await child.next<Record<string, unknown>>());
  while (!(key in (lines.at(-1) as object)));
  return lines;
}

async function started(...args: string[]): Promise<{ child: Child; url: string }> {
  const child = run('aspnetcore.mjs', ...args);
  const { port } = (await until(child, 'port')).at(-1) as { port: number };
  return { child, url: `http://127.0.0.1:${port}` };
}

test.skipIf(windows).each(['SIGTERM', 'SIGINT'] as const)(
  '%s stays Node’s: its listener closes the handler, which drains and ends the app',
  async (signal) => {
    const { child, url } = await started('AspNetLife', '--mode=');
    const [response] = await once(http.get(`${url}/until-stopping`), 'response');
    await once(response, 'readable');
    child.process.kill(signal);
    expect((await until(child, 'signal')).at(-1)).toEqual({ signal });
    let body = '';
    for await (const chunk of response) body += chunk;
    expect(body).toBe('begun;stopped');
    const said = (await until(child, 'closed')).map(({ written }) => written).filter(Boolean);
    expect(said).toEqual(['ApplicationStopping', 'ApplicationStopped', 'Program ends']);
    expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  },
);

test.skipIf(windows).each(['builder', 'legacy'])(
  'a signal that nobody listens to ends the process, with a host that is %s',
  async (shape) => {
    const { child } = await started('AspNetHosts', `--shape=${shape}`, 'no-listener');
    child.process.kill('SIGINT');
    expect(await child.exit()).toMatchObject({ code: null, signal: 'SIGINT' });
  },
);

test.skipIf(windows)('a listener hears of SIGINT with a legacy host, too', async () => {
  const { child } = await started('AspNetHosts', '--shape=legacy');
  child.process.kill('SIGINT');
  expect((await until(child, 'closed')).at(-1)).toEqual({ closed: true });
  expect(await child.exit()).toMatchObject({ code: 0 });
});

test('Environment.Exit ends the process with its code', async () => {
  const { child, url } = await started('AspNetLife', '--mode=');
  await request(`${url}/exit`).catch(() => {});
  expect(await child.exit()).toMatchObject({ code: 7, signal: null });
});

test.each(['exits', 'service-exits'])(
  'Environment.Exit ends it with its code in the start, too: %s',
  async (mode) => {
    const child = run('aspnetcore.mjs', 'AspNetLife', `--mode=${mode}`);
    expect(await child.exit()).toMatchObject({ code: 9, signal: null });
  },
);

test('a worker that is terminated with a request in flight ends its app and keeps nothing', async () => {
  const child = run('aspnetcore.mjs', 'AspNetLife', '--mode=', 'worker');
  await until(child, 'terminated');
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
});

test('without the framework it says which is missing, and what is there', async () => {
  const root = makeDotnet(realParts({ [CORE]: [installed(CORE)] }));
  const app = appPath('AspNetLife');
  const child = run('chosen.mjs', JSON.stringify({ dotnetRoot: root }), '{}', app);
  const { error } = await child.next();
  expect(error.code).toBe('ERR_OWIN_APP_DEPENDENCY');
  expect(error.message).toContain(`${app} needs the framework Microsoft.AspNetCore.App`);
  expect(error.message).toContain(`These run: ${CORE} ${installed(CORE)}.`);
});

test('a framework that is installed after .NET has started serves all the same', async () => {
  const root = makeDotnet(realParts({ [CORE]: [installed(CORE)] }));
  const child = run('late-framework.mjs', root, dotnetRoot, appPath('AspNetLife'));
  expect(await child.next()).toEqual({
    frameworks: { [CORE]: installed(CORE) },
    answer: 'Hello from AspNetLife',
  });
  expect(await child.exit()).toMatchObject({ code: 0 });
});
