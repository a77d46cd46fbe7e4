import path from 'node:path';
import express from 'express';
import owin, { type AppOptions, OwinError } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

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
    [{ entirelyOther: 1 }, /It has: kind, type, method, startup/],
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
