import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import owin, { type AppOptions, type Handler, OwinError } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

/** A handler that is closed when the test ends. */
function load(source: string, options?: AppOptions): Handler {
  const handler = owin(source, options);
  onTestFinished(() => handler.close({ drain: 0 }));
  return handler;
}

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
    const before = process.cwd;
    process.cwd = () => path.dirname(appPath('StaticInvoke'));
    const handler = load('StaticInvoke.dll');
    process.cwd = before;
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

/** What a load fails with; `message` must have each of the texts. */
interface Failure {
  source: string;
  options?: AppOptions;
  code: string;
  says: (string | RegExp)[];
}

const folder = path.dirname(appPath('Kitchen'));
const failures: Record<string, Failure> = {
  'a file that is not there': {
    source: path.join(folder, 'Kichen.dll'),
    code: 'ERR_OWIN_APP_NOT_FOUND',
    says: [
      path.join(folder, 'Kichen.dll'),
      'does not exist',
      folder,
      'Kitchen.dll',
      'Did you mean Kitchen.dll?',
    ],
  },
  'a folder that is not there': {
    source: '/no/such/folder/App.dll',
    code: 'ERR_OWIN_APP_NOT_FOUND',
    says: ['/no/such/folder/App.dll', 'does not exist', 'nearest one that exists is /'],
  },
  'a folder': {
    source: folder,
    code: 'ERR_OWIN_APP_NOT_FOUND',
    says: [folder, 'is a folder', 'Kitchen.dll'],
  },
  'a native library': {
    source: process.execPath,
    code: 'ERR_OWIN_APP_FORMAT',
    says: [process.execPath, /ELF|PE|Mach-O/],
  },
  'a text': {
    source: path.join(folder, 'Kitchen.runtimeconfig.json'),
    code: 'ERR_OWIN_APP_FORMAT',
    says: ['Kitchen.runtimeconfig.json', 'not an assembly'],
  },
  'a dependency that is not there': {
    source: appPath('MissingDependency'),
    code: 'ERR_OWIN_APP_DEPENDENCY',
    says: [
      'MissingDependency.Library',
      'asked for by MissingDependency',
      'Looked in',
      path.dirname(appPath('MissingDependency')),
    ],
  },
  'no startup type': {
    source: appPath('NoStartup'),
    code: 'ERR_OWIN_STARTUP_NOT_FOUND',
    says: [
      appPath('NoStartup'),
      'NoStartup.Startup',
      'named Startup',
      'NoStartup.Program',
      'NoStartup.Program.Run',
    ],
  },
  'a type that is not there': {
    source: appPath('OtherName'),
    options: { type: 'OtherName.Bant' },
    code: 'ERR_OWIN_STARTUP_NOT_FOUND',
    says: ['OtherName.Bant', appPath('OtherName'), 'OtherName.Band'],
  },
  'a method that is not there': {
    source: appPath('OtherName'),
    options: { type: 'OtherName.Band', method: 'Pley' },
    code: 'ERR_OWIN_STARTUP_SIGNATURE',
    says: ['OtherName.Band', 'Pley', 'Play', 'IDictionary<string, object>'],
  },
  'wrong signatures': {
    source: appPath('WrongSignature'),
    code: 'ERR_OWIN_STARTUP_SIGNATURE',
    says: ['WrongSignature.Startup', 'IDictionary<string, object>', 'void Invoke', 'None fits'],
  },
  'a type that cannot be made': {
    source: appPath('WrongSignature'),
    options: { type: 'WrongSignature.Unfinished' },
    code: 'ERR_OWIN_STARTUP_SIGNATURE',
    says: ['WrongSignature.Unfinished', /abstract/],
  },
  'two startup types': {
    source: appPath('TwoStartups'),
    code: 'ERR_OWIN_STARTUP_CONFLICT',
    says: ['TwoStartups.First.Startup', 'TwoStartups.Second.Startup', appPath('TwoStartups')],
  },
};

describe('an app that cannot start', () => {
  test.each(Object.entries(failures))(
    'for %s says what was looked for, where, and what was there',
    async (_, failure) => {
      const error = await load(failure.source, failure.options).ready.catch((error) => error);
      expect(error).toBeInstanceOf(OwinError);
      expect(error.code).toBe(failure.code);
      for (const text of failure.says) expect(error.message).toMatch(text);
    },
  );

  test('for its constructor has the exception of that', async () => {
    const error = await load(appPath('ThrowingConstructor')).ready.catch((error) => error);
    expect(error).toMatchObject({
      name: 'System.InvalidOperationException',
      message: 'the constructor says no',
    });
    expect(error.stack).toMatch(/ThrowingConstructor.*Startup\.cs:line \d+/);
  });

  test('for a dependency found missing only later has the exception in its request', async () => {
    const handler = load(appPath('MissingDependency'), { type: 'MissingDependency.Later' });
    await handler.ready;
    let seen: Error | undefined;
    const { url } = await serve((req, res) =>
      handler(req, res, (error) => {
        seen = error as Error;
        res.end();
      }),
    );
    await request(url);
    expect(seen?.message).toContain('MissingDependency.Library');
  });

  test('gives each request the error, and ready keeps it', async () => {
    const handler = load(appPath('NoStartup'));
    const seen: unknown[] = [];
    const app = express()
      .use(handler)
      .use(((error, _req, res, _next) => {
        seen.push(error);
        res.status(500).end('handled');
      }) as express.ErrorRequestHandler);
    const { url } = await serve(app);
    // Two before it has failed, one after.
    expect((await Promise.all([request(url), request(url)])).map(({ body }) => body)).toEqual([
      'handled',
      'handled',
    ]);
    expect((await request(url)).body).toBe('handled');
    const error = await handler.ready.catch((error) => error);
    expect(seen).toEqual([error, error, error]);
  });

  test('is an error event and a 500 without next', async () => {
    const handler = load(appPath('NoStartup'));
    const seen: Error[] = [];
    handler.on('error', (error) => seen.push(error));
    const { url } = await serve(handler);
    expect((await request(url)).status).toBe(500);
    expect(seen).toMatchObject([{ code: 'ERR_OWIN_STARTUP_NOT_FOUND' }]);
  });

  test('is no unhandled rejection, and can be closed', async () => {
    const handler = load(appPath('NoStartup'));
    await handler.close();
    await expect(handler.ready).rejects.toThrow();
  });
});

describe('options', () => {
  test.each([
    [{ methode: 'Invoke' }, /'methode'.*Did you mean 'method'/],
    [{ trustproxy: true }, /Did you mean 'trustProxy'/],
    [{ entirelyOther: 1 }, /It has: type, method, trustProxy/],
    [{ type: 5 }, /'type'.*takes a string, not 5/],
    [{ trustProxy: 'yes' }, /'trustProxy'.*takes a boolean, not "yes"/],
    ['Startup', /takes its options as an object, not "Startup"/],
    [null, /not null/],
  ])('%j is refused at once', (options, message) => {
    expect(() => owin(appPath('Kitchen'), options as AppOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION', message: expect.stringMatching(message) }),
    );
  });

  test.each([undefined, '', 5, {}])('the source %j is refused at once', (source) => {
    expect(() => owin(source as string)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
  });
});

describe('ready', () => {
  test('is not waited for by the caller: requests that come before wait', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(`${url}/hello`)));
    for (const { status } of answers) expect(status).toBe(200);
  });

  test('a client that leaves before leaves nothing behind', async () => {
    const handler = load(appPath('Kitchen'));
    const { port, url } = await serve(handler);
    for (let i = 0; i < 5; i++) (await Connection.open(port)).get('/never').destroy();
    expect((await request(`${url}/hello`)).status).toBe(200);
    await expect.poll(async () => (await owin.runtime.stats()).exchanges).toBe(0);
  });
});

describe('close', () => {
  test('waits for requests in flight, tells the app, and takes no more', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const slow = request(`${url}/sse?n=5&every=20`);
    await request(`${url}/hello`);
    await handler.close();
    expect((await slow).body).toContain('data: 4');
    const refused = await request(`${url}/hello`);
    expect([refused.status, refused.headers.connection]).toEqual([503, 'close']);
  });

  test('hands further requests to next', async () => {
    const handler = load(appPath('Kitchen'));
    const app = express().use(handler, (_req, res) => void res.end('behind'));
    const { url } = await serve(app);
    expect((await request(`${url}/hello`)).body).toContain('Hello');
    await handler.close();
    expect((await request(`${url}/hello`)).body).toBe('behind');
  });

  test('aborts what is left when the drain is over', async () => {
    const handler = load(appPath('Kitchen'));
    const { url } = await serve(handler);
    const running = request(`${url}/never`);
    const streaming = request(`${url}/never?write`).catch((error) => error);
    await request(`${url}/notes?of=never&at-least=2`);
    const before = performance.now();
    await handler.close({ drain: 100 });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect((await running).status).toBe(503);
    expect(await streaming).toMatchObject({ code: 'ECONNRESET' });
    expect((await owin.runtime.stats()).slots.used).toBe(0);
  });

  test('leaves a response alone that the handlers behind next are at work on', async () => {
    const handler = load(appPath('Kitchen'));
    let finish!: () => void;
    const app = express().use(handler, (_req, res) => {
      finish = () => void res.setHeader('X-Late', '1').end('finished');
    });
    const { url } = await serve(app);
    const answer = request(`${url}/next`);
    await expect.poll(() => finish).toBeDefined();
    await handler.close({ drain: 20 });
    finish();
    expect((await answer).body).toBe('finished');
  });

  test('during the load answers the requests that came before it', async () => {
    let closed: Promise<void> | undefined;
    const { url } = await serve((req, res) => {
      const handler = load(appPath('Kitchen'));
      handler(req, res);
      closed = handler.close({ drain: 5_000 });
    });
    expect((await request(`${url}/hello`)).status).toBe(200);
    await closed;
  });

  test('during the load refuses what comes after it', async () => {
    const { url } = await serve((req, res) => {
      const handler = load(appPath('Kitchen'));
      void handler.close();
      handler(req, res);
    });
    expect((await request(`${url}/hello`)).status).toBe(503);
  });

  test('twice is one close, and asyncDispose is the same', async () => {
    const handler = load(appPath('Kitchen'));
    await Promise.all([
      handler.close(),
      handler.close({ drain: 1 }),
      handler[Symbol.asyncDispose](),
    ]);
    expect((await request((await serve(handler)).url)).status).toBe(503);
  });

  test.each([-1, 'soon', Number.NaN])('refuses a drain of %s', async (drain) => {
    const handler = load(appPath('Kitchen'));
    await expect(handler.close({ drain: drain as number })).rejects.toMatchObject({
      code: 'ERR_OWIN_OPTION',
    });
  });

  test('tells the app through host.OnAppDisposing, and what its callbacks throw', async () => {
    const handler = owin(appPath('Kitchen'));
    const { url } = await serve(handler);
    await request(`${url}/closing?id=first&throw`);
    const error = await handler.close().catch((error) => error);
    expect(error.name).toBe('System.AggregateException');
    expect(error.errors).toMatchObject([{ message: 'closing first' }]);
    expect((await request(url)).status).toBe(503);
  });
});
