// Every way an app comes to a host: none of them listens, whatever address or server its code names.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import express, { type RequestHandler } from 'express';
import owin, { type Handler } from 'owin';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { appPath } from '../../support/apps.ts';
import { kestrel } from '../../support/kestrel.ts';
import { load } from '../../support/load.ts';
import { loaded } from '../../support/loaded.ts';
import { request } from '../../support/request.ts';
import { serve } from '../../support/serve.ts';

const dll = appPath('AspNetHosts');
const start = (shape: string, ...args: string[]): Handler =>
  load(dll, { args: ['--shape', shape, ...args], log: () => {} });

// Those that say themselves where they listen.
const withAddress = [
  'empty',
  'generic-web-host',
  'legacy-bare',
  'kestrel',
  'use-urls',
  'app-urls',
  'run-url',
];
const shapes = [
  'builder',
  'slim',
  'create',
  'generic',
  'generic-asynchronous',
  'legacy',
  'start-and-wait',
  ...withAddress,
];

describe.each(shapes)('%s', (shape) => {
  test('serves under express, and listens nowhere itself', async () => {
    const before = listening();
    const handler = start(shape, '--urls', 'http://127.0.0.1:0');
    await handler.ready;
    expect(listening()).toEqual(before);
    const app = express().use('/mounted', handler as RequestHandler);
    const { url } = await serve(app.use(handler as RequestHandler));
    const { status, body } = await request(`${url}/mounted/`);
    expect([status, body.split(' ')[0]]).toEqual([200, '/mounted/']);
    expect((await request(url)).body.split(' ')[0]).toBe('/');
  });
});

// That the app itself is in order shows on the server it was written for: its newest kind of host, and its oldest.
test.each(['empty', 'legacy'])('%s serves under Kestrel', async (shape) => {
  const args = ['--shape', shape];
  if (!withAddress.includes(shape)) args.push('--urls', 'http://127.0.0.1:0');
  await using app = await kestrel(dll, args);
  expect((await request(`${app.urls[0]}/`)).body).toBe(`/ ${app.urls[0]}`);
});

test('an empty builder needs no server of its own', async () => {
  const handler = start('no-server');
  await handler.ready;
  const { url } = await serve(handler);
  expect((await request(url)).body.split(' ')[0]).toBe('/');
});

test('a slim builder has the option configuration from the beginning, by variables that are gone at its end', async () => {
  const configuration = { Early: { Bird: 'caught' } };
  const handler = load(dll, { args: ['--shape', 'early'], configuration, log: () => {} });
  const answer = await handler.fetch(new Request('http://app/early'));
  expect(await answer.text()).toBe("caught, then ''");
});

test.each(['builder', 'slim', 'empty', 'generic', 'generic-web-host', 'legacy', 'legacy-bare'])(
  '%s has the option configuration on top of its own',
  async (shape) => {
    const args = ['--shape', shape, '--Early:Bird=missed'];
    const handler = load(dll, { args, configuration: { 'Early:Bird': 'caught' }, log: () => {} });
    expect(await (await handler.fetch(new Request('http://app/bird'))).text()).toBe('caught');
  },
);

test('a host without a web app is no web app', async () => {
  const handler = owin(dll, {
    args: ['--shape', 'application-builder'],
    startTimeout: 2000,
    log: () => {},
  });
  onTestFinished(() => handler.close({ drain: 0 }));
  await expect(handler.ready).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_OWIN_/) });
});

describe('a second web host of an app', () => {
  test.each(['two', 'two-generic', 'two-legacy', 'two-in-request'])(
    '%s: is refused, and listens nowhere',
    async (shape) => {
      const before = listening();
      const handler = start(shape);
      const get = async (target: string) =>
        (await handler.fetch(new Request(`http://app${target}`))).text();
      expect(await get('/second')).toMatch(
        /^System\.InvalidOperationException: .*AspNetHosts\.dll has started a web server already.* handler of its own\.$/,
      );
      expect(listening()).toEqual(before);
      expect((await get('/')).split(' ')[0]).toBe('/');
    },
  );

  test('may have a server of the app’s own, which is no server of the framework', async () => {
    const handler = start('two-own-server');
    expect(await (await handler.fetch(new Request('http://app/second'))).text()).toBe('started');
  });
});

test('the old WebHost is refused where it asks for no hosting startups', async () => {
  const before = listening();
  const { ready } = owin(dll, { args: ['--shape', 'no-startups'], log: () => {} });
  await expect(ready).rejects.toMatchObject({
    name: 'System.InvalidOperationException',
    message: expect.stringMatching(/AspNetHosts\.dll .*preventHostingStartup/),
  });
  expect(listening()).toEqual(before);
});

test('a worker’s host beside the web host ends with it', async () => {
  const handler = start('worker-beside');
  await handler.ready;
  const warned = vi.fn();
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  await handler.close({ drain: 5000 });
  expect(warned).not.toHaveBeenCalled();
});

describe('a server of the app’s own', () => {
  test('is replaced where it is registered as others are', async () => {
    const handler = start('own-server');
    await handler.ready;
    expect((await handler.fetch(new Request('http://app/'))).status).toBe(200);
  });

  test('fails the start where it is registered behind ours', async () => {
    const { ready } = owin(dll, { args: ['--shape', 'own-server-last'], log: () => {} });
    await expect(ready).rejects.toMatchObject({
      name: 'System.InvalidOperationException',
      message: expect.stringMatching(
        /The server of this app is AspNetHosts\.OwnServer.* Register none/,
      ),
    });
  });
});

test('a newer Microsoft.Extensions.Hosting than that of the framework fails the start', async () => {
  const newer = appPath('NewerHosting');
  const { ready } = owin(newer, { kind: 'aspnetcore', log: () => {} });
  await expect(ready).rejects.toMatchObject({
    name: 'System.InvalidOperationException',
    message: expect.stringMatching(
      /NewerHosting\.dll brings a Microsoft\.Extensions\.Hosting of its own, newer than .*\(\d+\.0\.0\.0\)\. Use the framework's/,
    ),
  });
});

test('HTTPS redirection goes by what the request came over', async () => {
  const { url } = await serve(start('https', '--https_port=8443'));
  const plain = await request(url);
  expect([plain.status, plain.headers.location]).toEqual([307, 'https://127.0.0.1:8443/']);
});

// What a framework's timer has captured of a start must not keep the app.
test.each(['builder', 'generic', 'legacy'])(
  '%s leaves the memory when it is closed',
  async (shape) => {
    const options = { args: ['--shape', shape], log: () => {}, unloadable: true };
    const handler = owin(dll, options);
    expect((await handler.fetch(new Request('http://app/'))).status).toBe(200);
    const others = Number(await loaded('AspNetHosts')) - 1;
    await handler.close({ drain: 0 });
    await expect.poll(() => loaded('AspNetHosts'), { timeout: 15_000 }).toBe(`${others}`);
  },
);

test('five apps run at once, each for itself', async () => {
  const app = express();
  for (const shape of ['builder', 'slim', 'generic', 'legacy', 'empty'])
    app.use(`/${shape}`, start(shape) as RequestHandler);
  const { url } = await serve(app);
  const asked = ['builder', 'slim', 'generic', 'legacy', 'empty'].flatMap((shape) =>
    Array.from({ length: 20 }, async () => {
      const { body } = await request(`${url}/${shape}/`);
      expect(body.split(' ')[0]).toBe(`/${shape}/`);
    }),
  );
  await Promise.all(asked);
});

/** The ports on which this process listens. */
function listening(): string[] {
  if (process.platform !== 'linux') {
    const shown = execFileSync('lsof', ['-aPnp', `${process.pid}`, '-iTCP', '-sTCP:LISTEN']);
    return shown.toString().match(/:\d+ \(LISTEN\)/g) ?? [];
  }
  const own = new Set(readdirSync('/proc/self/fd').map(inodeOf));
  return ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/self/net/${name}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && own.has(fields[9] as string))
      .map((fields) => fields[1] as string),
  );
}

/** Of a socket; of anything else, or what has been closed meanwhile, undefined. */
function inodeOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).match(/socket:\[(\d+)/)?.[1];
  } catch {
    return undefined;
  }
}
