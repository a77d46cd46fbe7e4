// Where an app finds its files and settings: as `dotnet build` leaves it, and as `dotnet publish` does.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import owin, { type AppOptions } from 'owin';
import { afterAll, describe, expect, test } from 'vitest';
import { compared, features } from '../../support/both.ts';
import { kestrel } from '../../support/kestrel.ts';
import { request } from '../../support/request.ts';

// User secrets are in the home folder, which .NET asks for when they are read.
const home = mkdtempSync(path.join(os.tmpdir(), 'owin-home-'));
process.env['HOME'] = home;
const secrets = path.join(home, '.microsoft/usersecrets/owin-test-features');
mkdirSync(secrets, { recursive: true });
writeFileSync(path.join(secrets, 'secrets.json'), '{ "Secret": "from the user’s secrets" }');
process.env['Settings__Kept'] = 'of the environment';
afterAll(() => rmSync(home, { recursive: true }));

// Started when it is first asked for; closed in the end.
const started = new Map<string, Promise<string>>();
const open: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(open.map((close) => close())));

function app(name: string, dll: string, options: AppOptions = {}) {
  const url = () => {
    if (!started.has(name)) started.set(name, start(dll, options));
    return started.get(name) as Promise<string>;
  };
  return {
    url,
    get: async (target: string) => (await request((await url()) + target)).body,
    setting: async (key: string) => (await request(`${await url()}/configuration?key=${key}`)).body,
  };
}

async function start(dll: string, options: AppOptions): Promise<string> {
  const handler = owin(dll, { log: () => {}, ...options });
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  open.push(() => {
    server.closeAllConnections();
    server.close();
    return handler.close({ drain: 0 });
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const built = app('built', features.dll);
const development = app('development', features.dll, {
  env: 'Development',
  args: ['--A=2', '--B=2'],
  configuration: { B: '3', Nested: { C: 4 }, 'Nested:D': true },
});
const published = app('published', features.published);

describe('as built', () => {
  test('the content root is the project’s folder', async () => {
    expect((await built.get('/environment')).split('\n')).toEqual([
      'AspNetFeatures',
      'Production',
      features.folder,
      path.join(features.folder, 'wwwroot'),
      'none',
    ]);
  });

  test('settings come from its files, then the environment, then the arguments, then JavaScript', async () => {
    const { setting } = development;
    expect(await setting('From')).toBe('appsettings.json');
    expect(await setting('Settings:Name')).toBe('development');
    expect(await setting('Settings:Kept')).toBe('of the environment');
    expect([await setting('A'), await setting('B')]).toEqual(['2', '3']);
    expect(await setting('Nested:C')).toBe('4');
    expect((await setting('Nested:D')).toLowerCase()).toBe('true');
    expect(await built.setting('Settings:Name')).toBe('base');
  });

  test('the user’s secrets are read in Development and nowhere else', async () => {
    expect(await development.setting('Secret')).toBe('from the user’s secrets');
    expect(await built.setting('Secret')).toBe('none');
  });

  test('launchSettings.json is not read, as `dotnet app.dll` does not read it', async () => {
    const lines = (await development.get('/environment')).split('\n');
    expect([lines[1], lines[4]]).toEqual(['Development', 'none']);
  });
});

describe('as published', () => {
  test('the content root is the folder of the assembly', async () => {
    const folder = path.dirname(features.published);
    expect((await published.get('/environment')).split('\n').slice(2, 4)).toEqual([
      folder,
      path.join(folder, 'wwwroot'),
    ]);
  });

  test('the option contentRoot comes first', async () => {
    const moved = app('moved', features.published, { contentRoot: features.folder });
    expect((await moved.get('/environment')).split('\n')[2]).toBe(features.folder);
  });
});

// Files that MapStaticAssets serves: known by the manifest beside the assembly.
describe.each([
  ['as built', features.dll, features.folder, 'Development', development],
  ['as published', features.published, path.dirname(features.published), 'Production', published],
])('static assets %s', (_, dll, cwd, environment, { url }) => {
  test('are served with their types, tags and compressed forms as under Kestrel', async () => {
    const env = { ASPNETCORE_ENVIRONMENT: environment };
    await using other = await kestrel(dll, undefined, { cwd, env });
    const [base, own] = [other.urls[0] as string, await url()];
    for (const target of ['/hello.txt', '/site.css', '/none.css'])
      for (const encoding of ['identity', 'gzip', 'br']) {
        const options = { headers: { 'Accept-Encoding': encoding } };
        const wanted = await compared(base + target, options);
        expect(wanted).toMatchObject({ status: target === '/none.css' ? 404 : 200 });
        expect(await compared(own + target, options)).toEqual(wanted);
      }
    const { headers } = await request(`${base}/site.css`);
    const tagged = { headers: { 'If-None-Match': headers.etag as string } };
    expect(await compared(`${own}/site.css`, tagged)).toMatchObject({ status: 304 });
  });
});
