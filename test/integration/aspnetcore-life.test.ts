// How ASP.NET Core apps begin and end. Each test has an app of its own.
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import owin, { type AppExit, type AppOptions, type Handler, type LogEntry } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { answerOf, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const dll = appPath('AspNetLife');

function life(mode: string, options: AppOptions = {}): { handler: Handler; written: string[] } {
  const written: string[] = [];
  const log = ({ category, message, exception }: LogEntry) => {
    written.push(`${category}: ${message}`);
    if (exception) written.push(`${category}: ${exception.message}`);
  };
  const handler = owin(dll, { args: [`--mode=${mode}`], log, ...options });
  onTestFinished(() => handler.close({ drain: 0 }).catch(() => {}));
  return { handler, written };
}

async function mounted(handler: Handler): Promise<string> {
  const app = express();
  app.use('/shop', handler);
  app.use((_req, res) => void res.end('express'));
  return `${(await serve(http.createServer(app))).url}/shop`;
}

type StartError = Error & { code?: string; output?: string; cause?: Error };

async function failure(mode: string, options: AppOptions = {}): Promise<StartError> {
  return owin(dll, { args: [`--mode=${mode}`], ...options }).ready.then(
    () => expect.unreachable('it started'),
    (error: StartError) => error,
  );
}

/** A response that has begun. */
async function begun(url: string): Promise<http.IncomingMessage> {
  const [res] = (await once(http.get(url, { agent: false }), 'response')) as [http.IncomingMessage];
  await once(res, 'readable');
  return res;
}

describe('a start that fails rejects ready with', () => {
  test('the exception of Program, its cause, its line, and what was written before', async () => {
    const error = await failure('throws');
    expect(error).toMatchObject({
      name: 'System.IO.InvalidDataException',
      message: 'Program fails',
    });
    expect(error.cause).toMatchObject({
      name: 'System.FormatException',
      message: 'because of this',
    });
    expect(error.stack).toMatch(/AspNetLife[/\\]Program\.cs:line 14/);
    expect(error.output).toBe("Program runs in the mode 'throws'\n");
  });

  test('the exception of a hosted service', async () => {
    const error = await failure('service-throws');
    expect(error).toMatchObject({
      name: 'System.NotSupportedException',
      message: 'the service fails',
    });
    expect(error.stack).toContain('FailingService.StartAsync');
  });

  test('what its entry point returned without a server', async () => {
    const error = await failure('returns');
    expect(error.code).toBe('ERR_OWIN_STARTUP_NOT_FOUND');
    expect(error.message).toContain(`The entry point of ${dll} returned 5 before it had started`);
  });

  test('the time it had, where the entry point blocks', async () => {
    const error = await failure('blocks', { startTimeout: 300 });
    expect(error.code).toBe('ERR_OWIN_START_TIMEOUT');
    expect(error.message).toContain('within 300 ms');
    expect(error.message).toContain('the start of its web server');
    expect(error.output).toContain("the mode 'blocks'");
  });

  test('no entry point, where a library is said to be one', async () => {
    const error = await owin(appPath('Kitchen'), { kind: 'aspnetcore' }).ready.catch((e) => e);
    expect(error.code).toBe('ERR_OWIN_STARTUP_NOT_FOUND');
    expect(error.message).toContain('has no entry point');
  });

  test('and does not keep the next one from starting', async () => {
    await failure('throws');
    const { handler } = life('');
    expect((await handler.ready).kind).toBe('aspnetcore');
  });
});

describe('close()', () => {
  test('tells the app, lets it finish its requests, and waits for its entry point', async () => {
    const { handler, written } = life('');
    const url = await mounted(handler);
    const response = await begun(`${url}/until-stopping`);
    const closing = handler.close();
    expect((await answerOf(response)).body).toBe('begun;stopped');
    await closing;
    const ends = written.filter((each) => /: (Application|Program )\w+$/.test(each));
    expect(ends).toEqual([
      'stdout: ApplicationStopping',
      'stdout: ApplicationStopped',
      'stdout: Program ends',
    ]);
    expect((await request(url)).status).toBe(503);
  });

  test('aborts what has not finished at the deadline', async () => {
    const { handler, written } = life('');
    const url = await mounted(handler);
    const response = await begun(`${url}/until-turn`);
    const cut = answerOf(response).catch((error) => error);
    await handler.close({ drain: 100 });
    expect((await cut).message).toBe('aborted');
    expect(written).toContain('stdout: Program ends');
  });

  test.each([
    ['the deadline', '', 100],
    ["the host's own time", 'hurried', 10_000],
  ])('lets what is aborted at %s end before the app does', async (_, mode, drain) => {
    const { handler, written } = life(mode);
    const response = await begun(`${await mounted(handler)}/ends-late`);
    const cut = answerOf(response).catch((error) => error);
    await handler.close({ drain });
    expect((await cut).message).toBe('aborted');
    expect(written).toContain('stdout: The request ended before the app');
  });

  test("answers what has not begun within the host's own time", async () => {
    const { handler } = life('hurried');
    const url = await mounted(handler);
    const waiting = request(`${url}/never`);
    await request(`${url}/asked`);
    await handler.close();
    expect((await waiting).status).toBe(503);
    expect((await request(url)).status).toBe(503);
  });

  test('does not wait longer than the deadline for an app that never ends', async () => {
    const { handler } = life('service-stays');
    await handler.ready;
    const warned = once(process, 'warning');
    await handler.close({ drain: 100 });
    const [warning] = await warned;
    expect(warning).toMatchObject({ code: 'OWIN_APP_RUNNING' });
    expect(warning.message).toContain(dll);
  });

  test('rejects with what the entry point throws at its end', async () => {
    const { handler } = life('throws-on-stop');
    await handler.ready;
    const error = await handler.close().catch((e) => e);
    expect(error).toMatchObject({
      name: 'System.TimeoutException',
      message: 'the kitchen does not close',
    });
  });

  test('before the app has started waits for it and ends it', async () => {
    const { handler, written } = life('');
    await handler.close();
    expect(written).toContain('stdout: Program ends');
  });
});

describe('an app that ends by itself', () => {
  async function exitOf(handler: Handler): Promise<AppExit> {
    return new Promise((resolve) => handler.once('exit', resolve));
  }

  test('says so with its exit code, and its requests get 503', async () => {
    const { handler, written } = life('');
    const url = await mounted(handler);
    const lasting = begun(`${url}/until-stopping`);
    await lasting;
    const exit = exitOf(handler);
    expect((await request(`${url}/stop`)).body).toBe('stopping');
    expect((await answerOf(await lasting)).body).toBe('begun;stopped');
    expect(await exit).toEqual({ code: 3 });
    expect(written).toContain('stdout: Program ends');
    expect((await request(url)).status).toBe(503);
    await handler.close();
  });

  test('leaves its requests to next with fallthrough', async () => {
    const { handler } = life('', { fallthrough: true });
    const url = await mounted(handler);
    const exit = exitOf(handler);
    await request(`${url}/stop`);
    await exit;
    expect((await request(url)).body).toBe('express');
  });

  test('because its background has failed logs why', async () => {
    const { handler, written } = life('background-throws');
    const exit = exitOf(handler);
    await handler.ready;
    expect(await exit).toEqual({ code: 3 });
    expect(written).toContain('Microsoft.Extensions.Hosting.Internal.Host: the background fails');
    expect((await request(await mounted(handler))).status).toBe(503);
  });

  test('with an exception is an error where nobody listens for the exit', async () => {
    const { handler } = life('throws-on-stop');
    const url = await mounted(handler);
    const error = new Promise<Error>((resolve) => handler.once('error', resolve));
    await request(`${url}/stop`);
    expect((await error).message).toBe('the kitchen does not close');
  });
});

describe('an app that runs', () => {
  test('has name, environment, content root, arguments and configuration of its own', async () => {
    const { handler } = life('', {
      env: 'Staging',
      contentRoot: import.meta.dirname,
      args: ['--mode=', 'one', 'two words'],
      configuration: { Menu: { Soup: 'hot', Price: 3.5 }, Early: 'bird', 'Urls:': true },
    });
    const url = await mounted(handler);
    const get = async (path: string) => (await request(url + path)).body;
    expect(await get('/')).toBe(`AspNetLife Staging ${import.meta.dirname}`);
    expect(await get('/arguments')).toBe('--mode= one two words');
    expect(await get('/configuration/Menu:Soup')).toBe('hot');
    expect(await get('/configuration/Menu:Price')).toBe('3.5');
    expect([await get('/early'), await get('/variable')]).toEqual(['bird', 'none']);
    expect(await get('/entry')).toBe('AspNetLife');
    expect(await get('/context')).toBe('true');
  });

  test('keeps its values to itself', async () => {
    const first = life('', { env: 'Staging', configuration: { Menu: { Soup: 'hot' } } });
    const second = life('', { configuration: { Menu: { Soup: 'cold' } } });
    const third = life('');
    const soups = [];
    for (const { handler } of [first, second, third])
      soups.push((await request(`${await mounted(handler)}/configuration/Menu:Soup`)).body);
    expect(soups).toEqual(['hot', 'cold', '(null)']);
    const [, env] = (await request(`${await mounted(third.handler)}/`)).body.split(' ');
    expect(env).toBe('Production');
  });

  test('loses the connection where it throws after the start, and goes on', async () => {
    const { handler } = life('');
    const url = await mounted(handler);
    const failed = new Promise<Error>((resolve) => handler.once('error', resolve));
    await expect(request(`${url}/throw-after-start`)).rejects.toThrow(/aborted|hang up/);
    expect((await failed).message).toBe('after the start');
    expect((await request(`${url}/`)).status).toBe(200);
  });

  test('may write on when the client has gone', async () => {
    const { handler } = life('');
    const url = await mounted(handler);
    const response = await begun(`${url}/write-after-abort`);
    response.destroy();
    expect((await request(`${url}/written`)).body).toBe('written');
  });
});

describe('requests that no endpoint answers', () => {
  test('get the app’s own 404', async () => {
    const { handler } = life('');
    const { status, body } = await request(`${await mounted(handler)}/nowhere`);
    expect([status, body]).toEqual([404, '']);
  });

  test('go on with fallthrough: true', async () => {
    const { handler } = life('', { fallthrough: true });
    expect((await request(`${await mounted(handler)}/nowhere`)).body).toBe('express');
  });
});

describe('another version', () => {
  test('takes over from one that is told to end and ends', async () => {
    const { handler, written } = life('', { args: ['--shape=slim'], unloadable: true });
    const url = await mounted(handler);
    const lasting = await begun(`${url}/until-stopping`);
    const { outcome } = await handler.swap(appPath('AspNetHosts'));
    expect(outcome).toBe('promoted');
    expect((await request(`${url}/`)).body).toMatch(/^\/shop\/ http:/);
    expect((await answerOf(lasting)).body).toBe('begun;stopped');
    await expect.poll(() => written).toContain('stdout: Program ends');
  });

  test('that does not start leaves the one that runs in place', async () => {
    const { handler } = life('');
    const url = await mounted(handler);
    await handler.ready;
    const error = await handler.swap(appPath('NoStartup')).catch((e) => e);
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_OWIN_/) });
    expect((await request(`${url}/hello`)).body).toBe('Hello from AspNetLife');
  });

  test('runs when the file is replaced, with watch', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin-aspnetcore-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.cpSync(path.dirname(dll), folder, { recursive: true });
    const copy = path.join(folder, 'AspNetLife.dll');
    const handler = owin(copy, { watch: true, log: () => {} });
    onTestFinished(() => handler.close({ drain: 0 }));
    await handler.ready;
    const reloaded = new Promise((resolve) => handler.once('reload', resolve));
    fs.writeFileSync(copy, fs.readFileSync(copy));
    expect(await reloaded).toMatchObject({ kind: 'aspnetcore', location: copy });
    expect((await request(`${await mounted(handler)}/hello`)).body).toBe('Hello from AspNetLife');
  });
});
