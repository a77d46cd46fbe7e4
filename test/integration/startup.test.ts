import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import owin, { type AppOptions } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { lines } from '../support/kitchen.ts';
import { load } from '../support/load.ts';
import { type Answer, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

/** What an app answers behind nothing. */
async function ask(source: string, options: AppOptions = {}, url = '/'): Promise<Answer> {
  return request((await serve(load(source, options))).url + url);
}

/** What an app answers, and what it leaves to the handler behind it. */
async function behind(type: string, url: string, app = 'Shapes'): Promise<string> {
  const handler = load(appPath(app), { type });
  const { url: base } = await serve(
    express().use(handler, (_req, res) => void res.end('from express')),
  );
  return (await request(base + url)).body;
}

/** A copy of an app in a folder of its own, with more files beside it. */
function copyOf(app: string, files: Record<string, string> = {}, folder = 'owin-startup-'): string {
  const to = fs.mkdtempSync(path.join(os.tmpdir(), folder));
  onTestFinished(() => fs.rmSync(to, { recursive: true, force: true }));
  fs.cpSync(path.dirname(appPath(app)), to, { recursive: true });
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(to, name), text);
  return path.join(to, `${app}.dll`);
}

const failure = (source: string, options: AppOptions = {}) =>
  load(source, options).ready.then(
    () => expect.fail('it has started'),
    (error) => error,
  );

describe('the startup type', () => {
  test('is what an attribute named OwinStartupAttribute says, before any name', async () => {
    const handler = load(appPath('Katana'));
    expect((await request((await serve(handler)).url)).body).toBe('by attribute');
    expect(await handler.ready).toMatchObject({
      type: 'Katana.Chosen',
      method: 'Start',
      chosenBy: 'OwinStartupAttribute',
    });
  });

  test.each([
    ['a friendly name', 'Second', 'second'],
    ['a friendly name in another case', 'tHIRD', 'third'],
    ['a type', 'Katana.Third', 'third'],
    ['a type and a method', 'Katana.Chosen.StartSecond', 'second'],
    ['a type and an assembly', 'Katana.Third, Katana', 'third'],
    ['a type, a method and an assembly', 'Katana.Chosen.StartSecond, Katana', 'second'],
  ])('is named by the option startup: %s', async (_, startup, body) => {
    expect((await ask(appPath('Katana'), { startup })).body).toBe(body);
  });

  test.each([
    ['appsettings.json', '{ "owin:AppStartup": "Second" /* ours */, }'],
    ['appsettings.json', '{ "Owin": { "appStartup": "Second" } }'],
    [
      'Katana.dll.config',
      '<configuration><appSettings><add key="owin:AppStartup" value="Second" /></appSettings></configuration>',
    ],
    [
      'app.config',
      '<?xml version="1.0"?><configuration><appSettings><add key="a" value="b"/><add key="owin:appStartup" value="Second"/></appSettings></configuration>',
    ],
  ])('is named by %s beside the app', async (name, text) => {
    const source = copyOf('Katana', { [name]: text });
    const handler = load(source);
    expect((await request((await serve(handler)).url)).body).toBe('second');
    expect((await handler.ready).chosenBy).toContain(
      `'owin:AppStartup' in ${path.join(path.dirname(source), name)}`,
    );
  });

  test('is named by the first of option, appsettings.json and config that says something', async () => {
    const source = copyOf('Katana', {
      'appsettings.json': '{ "owin:AppStartup": "Second" }',
      'app.config':
        '<configuration><appSettings><add key="owin:AppStartup" value="Third" /></appSettings></configuration>',
    });
    expect((await ask(source)).body).toBe('second');
    expect((await ask(source, { startup: 'Third' })).body).toBe('third');
    expect((await ask(source, { type: 'Katana.Startup' })).body).toBe('by name');
  });

  test.each([
    ['{ "owin:AppStartup": }', /appsettings\.json.*cannot be read/],
    [
      '{ "owin:AppStartup": "Fourth" }',
      /appsettings\.json names "Fourth".*Katana\.Chosen\.StartSecond "Second".*Its public types: .*Katana\.Third/s,
    ],
    [
      '{ "owin:AppStartup": "Katana.Third, Katanna" }',
      /assembly Katanna cannot be loaded.*Katana\.dll/s,
    ],
  ])('of %s is an error that lists what there is', async (text, message) => {
    const error = await failure(copyOf('Katana', { 'appsettings.json': text }));
    expect(error).toMatchObject({ code: 'ERR_OWIN_STARTUP_NOT_FOUND' });
    expect(error.message).toMatch(message);
  });

  test('two attributes of one friendly name are a conflict that names both', async () => {
    const error = await failure(appPath('Katana'), { startup: 'Twice' });
    expect(error.code).toBe('ERR_OWIN_STARTUP_CONFLICT');
    expect(error.message).toContain('Katana.Chosen "twice" and Katana.Third "Twice"');
  });

  test('ready says by what name it was found', async () => {
    expect((await load(appPath('Builder')).ready).chosenBy).toBe('the name Builder.Startup');
    expect((await load(appPath('StaticInvoke')).ready).chosenBy).toBe('the name Startup');
    const chosen = load(appPath('Shapes'), { type: 'Shapes.Middleware' });
    expect((await chosen.ready).chosenBy).toBe("the option 'type'");
  });

  test('ready says what kind of app it is', async () => {
    expect((await load(appPath('Builder')).ready).kind).toBe('katana');
    expect((await load(appPath('StaticInvoke')).ready).kind).toBe('owin');
    expect((await load(appPath('Builder'), { kind: 'owin' }).ready).kind).toBe('katana');
  });

  test('of the kind katana takes an IAppBuilder', async () => {
    expect((await load(appPath('Builder'), { kind: 'katana' }).ready).type).toBe('Builder.Startup');
    const error = await failure(appPath('StaticInvoke'), { kind: 'katana' });
    expect(error.code).toBe('ERR_OWIN_STARTUP_SIGNATURE');
    expect(error.message).toContain(
      "Invoke(IDictionary<string, object>): it takes no IAppBuilder, which the option 'kind' with 'katana' asks for",
    );
  });

  test.each([
    ['FSharp', undefined, 'F# configured'],
    ['FSharp', 'FSharp.Handler', 'F# answered'],
    ['VisualBasic', undefined, 'Visual Basic'],
    ['VisualBasic', 'VisualBasic.Handler', 'Visual Basic'],
  ])('in %s: %s', async (app, type, body) => {
    expect((await ask(appPath(app), type === undefined ? {} : { type })).body).toBe(body);
  });

  test('in a folder with spaces and letters beyond ASCII', async () => {
    const source = copyOf('Katana', {}, 'owin Größe 日本 ');
    const handler = load(source);
    expect((await request((await serve(handler)).url)).body).toBe('by attribute');
    expect((await handler.ready).location).toBe(source);
  });
});

describe('the startup method', () => {
  test.each([
    ['AppOfProperties', 'made for Shapes.AppOfProperties'],
    ['ObjectOfProperties', 'object for Shapes.ObjectOfProperties'],
    ['ObjectOfNothing', "an object's Invoke"],
    ['WithInvoke', "an object's Invoke"],
    ['Middleware', 'middleware'],
    ['MiddlewareOfProperties', 'middleware of Shapes.MiddlewareOfProperties'],
    ['MiddlewareOfNothing', 'returned'],
    ['BuildFunc', 'built'],
  ])('%s', async (type, body) => {
    expect((await ask(appPath('Shapes'), { type: `Shapes.${type}` })).body).toBe(body);
  });

  test('that takes a build function may build of several', async () => {
    const { headers } = await ask(appPath('Shapes'), { type: 'Shapes.BuildFunc' });
    expect(headers['x-tag']).toBe('Shapes.BuildFunc');
  });

  test('of no shape: each candidate is told why', async () => {
    const error = await failure(appPath('Shapes'), { type: 'Shapes.Misfit' });
    expect(error.code).toBe('ERR_OWIN_STARTUP_SIGNATURE');
    for (const reason of [
      'int Configuration(): it returns int, not object',
      'void Configuration(string): it takes (string)',
      'Task<int> Configuration(Dictionary<string, object>): it takes (Dictionary<string, object>)',
      'AppFunc (AppFunc)',
      'void (IAppBuilder)',
    ])
      expect(error.message).toContain(reason);
  });

  test.each([
    ['Nothing', 'ERR_OWIN_STARTUP_SIGNATURE', /Shapes\.Nothing\.Configuration returned null/],
    ['NoApp', undefined, /No conversion leads from string to Func<IDictionary/],
    ['FailsInside', undefined, /thrown by Configuration/],
  ])('of %s fails with what is wrong', async (type, code, message) => {
    const error = await failure(appPath('Shapes'), { type: `Shapes.${type}` });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('that never returns is given up at startTimeout, by its name', async () => {
    const error = await failure(appPath('Shapes'), {
      type: 'Shapes.NeverReturns',
      startTimeout: 200,
    });
    expect(error.code).toBe('ERR_OWIN_START_TIMEOUT');
    expect(error.message).toContain('within 200 ms');
    expect(error.message).toContain('Shapes.NeverReturns.Configuration has not returned');
  });
});

describe.each([
  ['Owin.dll alone', 'Builder', 'Builder.Startup', '/', 'configured'],
  ['Microsoft.Owin', 'Katana', 'Katana.Chosen', '/', 'by attribute'],
])('IAppBuilder with %s', (_, app, type, url, body) => {
  const options = app === 'Katana' ? {} : { type };

  test('configures a pipeline', async () => {
    expect((await ask(appPath(app), options, url)).body).toBe(body);
  });

  test('whose end is reached goes on with next', async () => {
    const handler = load(appPath(app), options);
    const { url } = await serve(
      express().use(handler, (_req, res) => void res.end('from express')),
    );
    expect((await request(`${url}/fall`)).body).toBe('from express');
  });

  test('whose end is reached answers 404 where there is no next', async () => {
    expect((await ask(appPath(app), options, '/fall')).status).toBe(404);
  });
});

describe('a pipeline of delegates alone', () => {
  test.each(['Middleware', 'MiddlewareOfProperties', 'MiddlewareOfNothing', 'BuildFunc'])(
    'of %s goes on with next at its end',
    async (type) => {
      expect(await behind(`Shapes.${type}`, '/fall')).toBe('from express');
      expect((await ask(appPath('Shapes'), { type: `Shapes.${type}` }, '/fall')).status).toBe(404);
    },
  );
});

describe('IAppBuilder', () => {
  const builder = (type: string, url = '/') =>
    ask(appPath('Builder'), { type: `Builder.${type}` }, url);

  test("is the library's own where there is one: its signatures work, and the host's properties are there", async () => {
    const { headers } = await ask(appPath('Katana'));
    expect(headers['x-tag']).toBe('its own Katana.Chosen');
  });

  test('may be configured asynchronously', async () => {
    expect((await builder('Later')).body).toBe('configured later');
  });

  test('takes delegates, instances and types, with arguments, in the order they are used', async () => {
    const { lines } = await builder('Forms');
    expect(lines.filter(([name]) => name === 'X-Trace').map(([, value]) => value)).toEqual([
      'delegate a 1',
      'Initialize b',
      'Invoke c True',
      'constructor d',
      'constructor nothing',
    ]);
  });

  test('refuses what is no middleware', async () => {
    const refused = (await builder('Forms')).body.split('\n');
    for (const [i, type] of [
      'System.ArgumentNullException: ',
      'System.MissingMethodException: The middleware Builder.Startup has no public constructor',
      'System.NotSupportedException: The middleware System.Object is no delegate',
      'System.NotSupportedException: The middleware System.Action takes no next app',
    ].entries())
      expect(refused[i]).toContain(type);
  });

  test('converts signatures in one hop and in two', async () => {
    expect((await builder('Conversions', '/abc')).body).toBe('[cba/]');
  });

  test('says which conversion is missing', async () => {
    const error = await failure(appPath('Builder'), { type: 'Builder.NoConversion' });
    expect(error).toMatchObject({ name: 'System.ArgumentException' });
    expect(error.message).toContain(
      'No conversion leads from Func<IDictionary<string, object>, Task> to int',
    );
  });

  test("has the exception of a middleware's constructor", async () => {
    const error = await failure(appPath('Builder'), { type: 'Builder.ThrowingMiddleware' });
    expect(error).toMatchObject({
      name: 'System.InvalidOperationException',
      message: 'the middleware says no True',
    });
  });

  test('New makes a branch that shares the properties', async () => {
    expect((await builder('Branches', '/branch')).body).toBe('shared');
    expect((await builder('Branches', '/branch/other')).status).toBe(404);
  });
});

describe('startup properties', () => {
  const properties = (url: string) =>
    ask(appPath('Builder'), { type: 'Builder.StartupProperties' }, url);

  test('are those of the contract', async () => {
    const keys = lines((await properties('/keys')).body);
    expect(Object.keys(keys)).toEqual(
      expect.arrayContaining([
        'owin.Version',
        'server.Capabilities',
        'server.OnDispose',
        'server.OnInit',
        'server.LoggerFactory',
        'host.Addresses',
        'host.AppName',
        'host.TraceOutput',
        'host.OnAppDisposing',
        'host.ReferencedAssemblies',
        'security.DataProtectionProvider',
        'builder.DefaultApp',
        'builder.AddSignatureConversion',
      ]),
    );
    expect(keys['host.AppName']).toBe('Builder.StartupProperties');
  });

  test('server.Capabilities is the same in every request', async () => {
    expect((await properties('/same')).body).toBe('True');
  });

  test("what the app adds under host. is in every request, the builder's own keys are not", async () => {
    expect((await properties('/added')).body).toBe('by the app False');
  });

  test('server.OnInit is awaited before the first request, and takes nothing later', async () => {
    expect((await properties('/init')).body).toBe('initialized');
    expect((await properties('/init-late')).body).toBe('System.InvalidOperationException');
  });

  test('a fault of server.OnInit is a failed start', async () => {
    const error = await failure(appPath('Builder'), { type: 'Builder.FailingInit' });
    expect(error).toMatchObject({
      name: 'System.InvalidOperationException',
      message: 'not initialized',
    });
  });

  test('host.ReferencedAssemblies are the app and what it brings', async () => {
    expect((await properties('/assemblies')).body.split('\n')).toEqual(['Builder', 'Owin']);
  });

  test('server.LoggerFactory says what it writes', async () => {
    expect((await properties('/log')).body).toBe('False True');
  });

  test('security.DataProtectionProvider gives back what it protected, for its purpose and unchanged', async () => {
    const { url } = await serve(load(appPath('Builder'), { type: 'Builder.StartupProperties' }));
    const data = (await request(`${url}/protect`)).body;
    const unprotect = async (more: string) =>
      (await request(`${url}/unprotect?data=${data}${more}`)).body;
    expect(data).not.toContain(Buffer.from('secret').toString('hex').toUpperCase());
    expect(await unprotect('')).toBe('secret');
    expect(await unprotect('&purpose=b')).toMatch(/Cryptograph/);
    for (const flip of [0, 1, 20, data.length / 2 - 1])
      expect(await unprotect(`&flip=${flip}`)).toMatch(/Cryptograph/);
    expect((await request(`${url}/protect`)).body).not.toBe(data);
  });
});

describe('an assembly that cannot run', () => {
  test('of .NET Framework says what of it is missing', async () => {
    const error = await failure(appPath('OldFramework'));
    expect(error.code).toBe('ERR_OWIN_APP_DEPENDENCY');
    expect(error.message).toContain('.NETFramework,Version=v4.8');
    expect(error.message).toContain('System.Web.Old');
  });

  test('a reference assembly is told for what it is', async () => {
    const error = await failure(
      path.join(path.dirname(appPath('Katana')), '../obj/Release/ref/Katana.dll'),
    );
    expect(error.code).toBe('ERR_OWIN_APP_FORMAT');
    expect(error.message).toContain('a reference assembly');
  });

  test('a mixed-mode assembly is told for what it is', async () => {
    const source = copyOf('Shapes');
    const bytes = fs.readFileSync(source);
    bytes.writeUInt32LE(0, corFlagsOffset(bytes));
    fs.writeFileSync(source, bytes);
    const error = await failure(source);
    expect(error.code).toBe('ERR_OWIN_APP_FORMAT');
    expect(error.message).toContain('mixed-mode');
  });
});

/** Where the flags of the CLI header are in a file. */
function corFlagsOffset(file: Buffer): number {
  const pe = file.readUInt32LE(0x3c);
  const optional = pe + 24;
  const directories = optional + (file.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const rva = file.readUInt32LE(directories + 14 * 8);
  const sections = optional + file.readUInt16LE(pe + 20);
  for (let i = 0; i < file.readUInt16LE(pe + 6); i++) {
    const section = sections + i * 40;
    const start = file.readUInt32LE(section + 12);
    if (rva >= start && rva < start + file.readUInt32LE(section + 8))
      return rva - start + file.readUInt32LE(section + 20) + 16;
  }
  throw new Error('There is no CLI header.');
}

test('options of the start are checked', () => {
  for (const options of [{ startup: 5 }, { startTimeout: -1 }, { startTimeout: 'soon' }])
    expect(() => owin(appPath('Shapes'), options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
});
