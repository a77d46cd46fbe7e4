import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import owin, { type AppSource, OwinError } from 'owin';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { serve } from '../support/serve.ts';

const cacheHome = mkdtempSync(path.join(tmpdir(), 'owin-cache-'));
process.env['XDG_CACHE_HOME'] = cacheHome;
afterAll(() => rmSync(cacheHome, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'owin-')), 'sources – ü');
  mkdirSync(folder);
  onTestFinished(() => rmSync(path.dirname(folder), { recursive: true }));
});

const startup = (text: string, head = ''): string => `${head}
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync(${text});
    }
}
`;

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The body of the answer of a handler of this source. */
async function answer(source: AppSource, options: object = {}): Promise<string> {
  const handler = owin(source, { progress: false, ...options });
  await handler.ready;
  const { url } = await serve((req, res) => handler(req, res));
  const response = await fetch(url);
  const text = await response.text();
  await handler.close();
  return text;
}

async function failure(source: AppSource): Promise<OwinError> {
  const error = await owin(source, { progress: false }).ready.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(OwinError);
  return error as OwinError;
}

test('a C# file', async () => {
  expect(await answer(write('Startup.cs', startup('"from a file"')))).toBe('from a file');
});

test('a file of another name, with a startup type of its own', async () => {
  const file = write('hello there.cs', startup('"named"').replace('class Startup', 'class Other'));
  expect(await answer(file, { type: 'Other' })).toBe('named');
});

test('C# as text, with a reference that is found when it runs', async () => {
  const source = startup('new OtherName.Band().GetType().FullName');
  const references = [appPath('OtherName')];
  expect(await answer({ source, references })).toBe('OtherName.Band');
});

test('a folder of C# files', async () => {
  write('Startup.cs', startup('Words.Hello'));
  mkdirSync(path.join(folder, 'more'));
  write('more/Words.cs', 'static class Words { public const string Hello = "from two files"; }');
  mkdirSync(path.join(folder, 'obj'));
  write('obj/Old.cs', 'this is not C#');
  expect(await answer(folder)).toBe('from two files');
});

test('a changed file is another assembly; an unchanged one is not compiled again', async () => {
  const file = write('Startup.cs', startup('"one"'));
  expect(await answer(file)).toBe('one');
  const cache = path.join(cacheHome, 'owin');
  const before = readdirSync(cache);
  expect(await answer(file)).toBe('one');
  expect(readdirSync(cache)).toEqual(before);
  write('Startup.cs', startup('"two"'));
  expect(await answer(file)).toBe('two');
  expect(readdirSync(cache)).toHaveLength(before.length + 1);
});

test('a place in the cache without its assembly is made anew', async () => {
  const file = write('Startup.cs', startup('"again"'));
  const handler = owin(file);
  const { location } = await handler.ready;
  await handler.close();
  rmSync(location);
  expect(await answer(file)).toBe('again');
});

test('several handlers of one new file share a compilation', async () => {
  const file = write('Startup.cs', startup('"shared"'));
  expect(await Promise.all([answer(file), answer(file), answer(file)])).toEqual(
    Array(3).fill('shared'),
  );
});

test('an exception of compiled source names file and line', async () => {
  const file = write(
    'Startup.cs',
    startup('Fail()').replace(
      '{\n',
      '{\n#line 77\n static string Fail() => throw new Exception("x");\n',
    ),
  );
  const handler = owin(file);
  const failed = new Promise<Error>((resolve) => handler.once('error', resolve));
  const { url } = await serve((req, res) => handler(req, res));
  const [error] = await Promise.all([
    failed,
    fetch(url)
      .then((response) => response.text())
      .catch(() => {}),
  ]);
  expect(error.stack).toContain(`in ${file}:line 77`);
});

test('a file that does not compile: each message with its place', async () => {
  const file = write(
    'Startup.cs',
    'public class Startup\n{\n    int x = "text";\n    int y = 1.5;\n}\n',
  );
  const error = await failure(file);
  expect(error.code).toBe('ERR_OWIN_COMPILE');
  expect(error.message.split('\n')).toEqual([
    `${file} does not compile:`,
    expect.stringContaining(`${file}:3:13 CS0029 `),
    expect.stringContaining(`${file}:4:13 CS0266 `),
  ]);
  expect(error.diagnostics).toContainEqual({
    file,
    line: 3,
    column: 13,
    code: 'CS0029',
    message: expect.stringContaining('string'),
  });
});

const project = (more = ''): string => `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  ${more}
</Project>`;

test('a project, and the folder with it', async () => {
  const file = write('Acme.App.csproj', project());
  write('Startup.cs', startup('"built"'));
  expect(await answer(file)).toBe('built');
  expect(await answer(folder)).toBe('built');
}, 120_000);

test('of several target frameworks the newest that runs', async () => {
  const targets = '<TargetFrameworks>netstandard2.0;net10.0</TargetFrameworks>';
  const file = write(
    'App.csproj',
    project().replace('<TargetFramework>net10.0</TargetFramework>', targets),
  );
  write('Startup.cs', startup('AppContext.TargetFrameworkName ?? "built"'));
  expect(await answer(file)).toBe('built');
}, 120_000);

test('a file with a project of its own', async () => {
  const library = path.join(folder, 'Library');
  mkdirSync(library);
  write('Library/Library.csproj', project());
  write(
    'Library/Words.cs',
    'public static class Words { public const string Hello = "from a library"; }',
  );
  const head = '#:project Library/Library.csproj\n#:property ImplicitUsings=enable\n';
  expect(await answer(write('app.cs', startup('Words.Hello', head)))).toBe('from a library');
}, 120_000);

test('a project that does not compile', async () => {
  const file = write('App.csproj', project());
  const source = write('Startup.cs', 'class Startup { Missing x; }');
  const error = await failure(file);
  expect(error.code).toBe('ERR_OWIN_COMPILE');
  expect(error.message).toContain(`${source}:1:17 CS0246 `);
}, 120_000);

test('projects that refer to each other', async () => {
  const reference = (name: string) =>
    project(`<ItemGroup><ProjectReference Include="../${name}/${name}.csproj" /></ItemGroup>`);
  for (const name of ['A', 'B']) mkdirSync(path.join(folder, name));
  write('A/A.csproj', reference('B'));
  write('B/B.csproj', reference('A'));
  const error = await failure(path.join(folder, 'A'));
  expect(error.code).toBe('ERR_OWIN_COMPILE');
  expect(error.diagnostics?.map(({ code }) => code)).toContain('MSB4006');
}, 120_000);

test.each<[string, () => AppSource, string[]]>([
  ['a file that is not there', () => path.join(folder, 'No.cs'), ['There is no file', 'No.cs']],
  ['a project that is not there', () => path.join(folder, 'No.csproj'), ['No.csproj']],
  [
    'a folder with several projects',
    () => {
      write('A.csproj', project());
      write('B.fsproj', project());
      return folder;
    },
    ['several projects', 'A.csproj, B.fsproj'],
  ],
  ['an empty folder', () => folder, ['is a folder', 'It has: nothing']],
])('%s', async (_, make, says) => {
  const error = await failure(make());
  expect(error.code).toBe('ERR_OWIN_APP_NOT_FOUND');
  for (const text of says) expect(error.message).toContain(text);
});

test('a reference that is not there', async () => {
  const error = await owin({ source: startup('""'), references: ['/no/such.dll'] }).ready.catch(
    (reason) => reason,
  );
  expect(error.code).toBe('ERR_OWIN_APP_NOT_FOUND');
  expect(error.message).toContain('/no/such.dll');
});

test.each([
  [{}],
  [{ source: 1 }],
  [{ source: '', sauce: '' }],
  [{ source: '', references: 'x' }],
  [1],
  [''],
])('%j is no source', (source) => {
  expect(() => owin(source as AppSource)).toThrow(
    expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
  );
});

test('an assembly in a folder with spaces and other letters', async () => {
  cpSync(path.dirname(appPath('OtherName')), folder, { recursive: true });
  const info = await owin(path.join(folder, 'OtherName.dll'), {
    type: 'OtherName.Band',
    method: 'Play',
  }).ready.catch((e) => e);
  expect(info).toMatchObject({ location: path.join(folder, 'OtherName.dll') });
});
