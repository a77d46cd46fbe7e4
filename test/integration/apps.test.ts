import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import owin, { type Handler } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const published = (name: string) =>
  path.join(path.dirname(appPath(name)), '..', 'publish', `${name}.dll`);

async function textOf(handler: Handler, target = '/'): Promise<string> {
  const { url } = await serve(handler);
  return (await request(url + target)).body;
}

describe('apps side by side', () => {
  test('run two majors of one dependency in one process at the same time', async () => {
    const twelve = await serve(load(published('NewtonsoftTwelve')));
    const thirteen = await serve(load(published('NewtonsoftThirteen')));
    const asked = Array.from({ length: 20 }, (_, i) => request(i % 2 ? twelve.url : thirteen.url));
    (await Promise.all(asked)).forEach(({ body }, i) => {
      const { version, location } = JSON.parse(body);
      expect(version).toBe(i % 2 ? '12.0.0.0' : '13.0.0.0');
      expect(location).toContain(i % 2 ? 'NewtonsoftTwelve' : 'NewtonsoftThirteen');
    });
  });

  test('run native assets: an in-memory SQLite database', async () => {
    expect(await textOf(load(published('Sqlite')))).toBe('Miles plays trumpet, Bill plays piano');
  });

  test('may be the same assembly, and share nothing', async () => {
    const [one, two] = [load(appPath('Kitchen')), load(appPath('Kitchen'))];
    expect(await textOf(one, '/capabilities?put=one')).toBe('nothing');
    expect(await textOf(two, '/capabilities?put=two')).toBe('nothing');
    expect(await textOf(one, '/capabilities?put=')).toBe('one');
  });

  test('are mounted on one pipeline', async () => {
    const app = express()
      .use('/a', load(appPath('StaticInvoke')))
      .use('/b', load(appPath('Kitchen')));
    const { url } = await serve(app);
    expect((await request(`${url}/a`)).body).toBe('static');
    expect((await request(`${url}/b/hello`)).body).toContain('Hello');
  });
});

describe('an app is found', () => {
  test('by its path', async () => {
    expect(await textOf(load(appPath('StaticInvoke')))).toBe('static');
  });

  test('by its name in the current directory, at the moment of the call', async () => {
    const before = process.cwd();
    process.chdir(path.dirname(appPath('StaticInvoke')));
    const handler = load('StaticInvoke.dll');
    process.chdir(before);
    expect(await textOf(handler)).toBe('static');
  });

  test('by a relative path', async () => {
    expect(await textOf(load(path.relative(process.cwd(), appPath('StaticInvoke'))))).toBe(
      'static',
    );
  });

  test('in a folder with spaces and letters beyond ASCII', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin späce ♪ '));
    onTestFinished(() => fs.rmSync(folder, { recursive: true }));
    fs.copyFileSync(appPath('StaticInvoke'), path.join(folder, 'StaticInvoke.dll'));
    const handler = load(path.join(folder, 'StaticInvoke.dll'));
    expect((await handler.ready).location).toBe(path.join(folder, 'StaticInvoke.dll'));
    expect(await textOf(handler)).toBe('static');
  });

  test.each([
    [{ type: 'OtherName.Band', method: 'Play' }, 'played by the band'],
    [{ type: 'OtherName.Band+Nested', method: 'Solo' }, 'solo'],
  ])('by type and method: %j', async (options, text) => {
    expect(await textOf(load(appPath('OtherName'), options))).toBe(text);
  });

  test('and ready tells what was found', async () => {
    const kitchen = load(appPath('Kitchen'));
    const info = await kitchen.ready;
    expect(info).toMatchObject({
      location: appPath('Kitchen'),
      assembly: 'Kitchen',
      type: 'Kitchen.Startup',
      method: 'Invoke',
      targetFramework: '.NETCoreApp,Version=v10.0',
    });
    expect(info.runtime).toBe(owin.runtime.info().version);
  });
});
