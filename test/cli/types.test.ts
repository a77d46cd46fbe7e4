import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';
import { dotnetRoot } from '../lifecycle/made-dotnet.ts';
import { appPath } from '../support/apps.ts';
import { Program } from './program.ts';

// In the clone, so that `owin` and the types of Node are found by name.
const folder = path.join(import.meta.dirname, '../../build/test/types');

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});

async function types(assembly: string, ...args: string[]) {
  const program = new Program(['types', assembly, '--out', folder, ...args]);
  const { code } = await program.exit();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** What the strictest compiler says of everything in the folder; nothing is the hope. */
async function compile(): Promise<string> {
  const compilerOptions = {
    ...{ target: 'es2023', module: 'nodenext', lib: ['es2023', 'esnext.disposable', 'dom'] },
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ verbatimModuleSyntax: true, types: ['node'], skipLibCheck: false },
  };
  const config = path.join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, include: ['*.mts'] }));
  const tsc = path.join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', config]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

function countAny(file: string): number {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023);
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) count++;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return count;
}

const frameworks = path.join(dotnetRoot, 'shared/Microsoft.NETCore.App');
const newest = readdirSync(frameworks, { withFileTypes: true })
  .map(({ name }) => name)
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  .at(-1) as string;

// So many there were when this was written; more of them would be a loss.
test.each([
  [appPath('Typed'), 'Typed', 2],
  [path.join(frameworks, newest, 'System.Text.Json.dll'), 'System.Text.Json', 122],
  [
    appPath('Sqlite').replace('bin/Sqlite', 'publish/Microsoft.Data.Sqlite'),
    'Microsoft.Data.Sqlite',
    59,
  ],
])('%s: types without any, and few that are unknown', async (assembly, name, most) => {
  const { code, stdout, stderr } = await types(assembly);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(countAny(path.join(folder, `${name}.owin.d.mts`))).toBe(0);
  const [line, count] = /^any: 0, unknown: (\d+) .*$/m.exec(stdout) as unknown as [string, string];
  console.log(`${name}: ${line}`);
  expect(Number(count)).toBeLessThanOrEqual(most);
});

test('they hold what they say, and a strict compiler takes them', async () => {
  writeFileSync(path.join(folder, 'usage.mts'), usage);
  writeFileSync(path.join(folder, 'run.mts'), run);
  expect(await compile()).toBe('');
}, 120_000);

const usage = `
import { Acme } from './Typed.owin.mjs';
import { Microsoft } from './Microsoft.Data.Sqlite.owin.mjs';
import { System } from './System.Text.Json.owin.mjs';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};
const { Echo } = Acme.Values;

same<Awaited<ReturnType<typeof Echo.long>>, number | bigint>(true);
same<Awaited<ReturnType<typeof Echo.decimal>>, string>(true);
same<Awaited<ReturnType<typeof Echo.bytes>>, Buffer>(true);
same<Awaited<ReturnType<typeof Echo.texts>>, (string | null)[]>(true);
same<Awaited<ReturnType<typeof Echo.maybe>>, number | null>(true);
same<Acme.Values.Priority, 'Low' | 'High'>(true);
same<Acme.Values.Order['placed'], Date>(true);
same<Acme.Values.Order['note'], string | null>(true);
const day: (value: Acme.Values.Date) => Promise<Acme.Values.Date> = Echo.day;

const settings: Acme.Values.SettingsInput = { name: 'a', 'retry-after': 'PT1S', limits: { a: null } };
const depth: number = (await Echo.data(settings)).depth;
// @ts-expect-error name is required
await Echo.data({ priority: 'Low' });
// @ts-expect-error no such name
await Echo.enum('Middle');
// @ts-expect-error null is not expected
await Echo.guid(null);
const box = await Echo.box({ content: { id: 1, total: 2, placed: new Date(), lines: [] } });
const line: Acme.Values.Line | undefined = box.content?.lines[0];
const same1: 'x' = await Echo.any<'x'>('x');
for await (const n of await Echo.sequence((async function* () { yield 1; })())) n.toFixed();
const f = await Echo.function((n) => n.toFixed());
const text: string = await f(2);

using hasher = await Acme.Hashing.Hasher.new(5n);
const total: number | bigint = await hasher.append(new Uint8Array(3), { signal: AbortSignal.timeout(5) });
await hasher.append('text');
// @ts-expect-error neither bytes nor text
await hasher.append(3);
const mode: Acme.Hashing.Hasher.Mode = await Acme.Hashing.Hasher.Modes.parse('Fast');
await Acme.Hashing.Hashing.sha256(Buffer.from('a'), 1, { progress: (share) => share.toFixed() });
await Acme.Hashing.Hashing.sum('a', 1, 2, 3);
const sum: number = Acme.Hashing.Hashing.sum.sync('a', 1, 2, 3);
// @ts-expect-error one of its overloads returns a Task
hasher.append.sync('text');

const source = await Acme.Odd.LoudSource.new();
type Raised<T> = T extends AsyncIterableIterator<infer I> ? I : never;
same<Raised<ReturnType<typeof hasher.events>>, number>(true);
const changed: AsyncIterableIterator<Acme.Odd.Source.Line> = source.events('Changed');
const measured: AsyncIterableIterator<[string, number]> = source.events('Measured');
const ticked: AsyncIterableIterator<null> = source.events('Ticked');
// @ts-expect-error no such event
source.events('Chnged');
const names = await Acme.Odd.Names.new();
await names.add('text');
// @ts-expect-error a class that is generic itself
Acme.Odd.Cache;

const connection = await Microsoft.Data.Sqlite.SqliteConnection.new('Data Source=:memory:');
const command: Microsoft.Data.Sqlite.SqliteCommandValue = await connection.createCommand();
const mode2: Microsoft.Data.Sqlite.SqliteOpenMode = 'ReadOnly';
const document: System.Text.Json.JsonDocumentValue = await System.Text.Json.JsonDocument.parse('1');
export { changed, command, day, depth, document, line, measured, mode, mode2, same1, sum, text, ticked, total };
`;

test('what the types say is what comes', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs'], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({
    box: {
      content: {
        ...{ id: 1, total: '2', placed: '2026-02-03T00:00:00.000Z', note: null },
        lines: [{ article: 'tea', count: 2 }],
      },
    },
    data: {
      ...{ name: 'a', priority: 'Low', 'retry-after': 'PT1S', limits: { a: null } },
      ...{ parent: null, depth: 0 },
    },
    any: 'x',
    lines: { a: { article: 'tea', count: 2 } },
    names: [[1, 'one']],
    set: [1, 2],
    texts: ['a', null],
    doubles: 'Float64Array',
    flags: 'Read, Write',
    called: '2',
    sequence: [1, 2],
    totals: [8, 12],
    mode: 'Fast',
    sum: 7,
    progress: 0.5,
    sha256: 'CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB',
    raised: [{ text: 'one', number: 1 }, 2, ['three', 3], null, {}, 'four'],
  });
});

const run = `
import { Acme } from './Typed.owin.mjs';

const { Echo } = Acme.Values;
const { Hasher, Hashing } = Acme.Hashing;
const line = { article: 'tea', count: 2 };
const f = await Echo.function((n) => n.toFixed());
const sequence: number[] = [];
for await (const n of await Echo.sequence((async function* () { yield 1; yield 2; })())) sequence.push(n);
using hasher = await Hasher.new(5n);
const totals = [await hasher.append(new Uint8Array(3)), await hasher.append('text')];
const progress: number[] = [];
const sha256 = await Hashing.sha256(Buffer.from('a'), 2, { progress: (share) => progress.push(share) });
const source = await Acme.Odd.LoudSource.new();
const events = [
  source.events('Changed'),
  source.events('Counted'),
  source.events('Measured'),
  source.events('Ticked'),
  source.events('Closed'),
  source.events('Announced'),
];
while ((await source.listeners()) < events.length);
await source.raise();
const raised: unknown[] = [];
for (const each of events) raised.push((await each.next()).value);
for (const each of events) await each.return?.();
console.log(JSON.stringify({
  raised,
  box: await Echo.box({ content: { id: 1, total: 2, placed: new Date('2026-02-03'), lines: [line] } }),
  data: await Echo.data({ name: 'a', 'retry-after': 'PT1S', limits: { a: null } }),
  any: await Echo.any('x'),
  lines: await Echo.lines({ a: line }),
  names: [...(await Echo.names(new Map([[1, 'one']])))],
  set: [...(await Echo.set([1, 2, 2]))],
  texts: await Echo.texts(['a', null]),
  doubles: (await Echo.doubles([1])).constructor.name,
  flags: await Echo.flags('Read, Write'),
  called: await f(2),
  sequence,
  totals,
  mode: await Hasher.Modes.parse('Fast'),
  sum: await Hashing.sum('a', 1, 2, 3),
  progress: progress.at(-1),
  sha256,
}));
`;

test('the documentation comes along', () => {
  const text = readFileSync(path.join(folder, 'Typed.owin.d.mts'), 'utf8');
  expect(text).toContain('* Adds `data`.\n');
  expect(text).toContain('* @param data The bytes.\n');
  expect(text).toContain('* @throws `ObjectDisposedException` It is gone.\n');
  expect(text).toContain('/** @deprecated Use Append. */');
});

test('what cannot be called is left out, and named', async () => {
  const { stdout } = await types(appPath('Typed'));
  expect(stdout).toContain(
    "Left out: 11, Acme.Hashing.Hasher.Copy: 'target' is Span, which lives on the stack; ",
  );
  expect(stdout).toContain("Acme.Hashing.Hasher.TryTotal: 'value' is a reference (ref, out, in)");
  expect(stdout).toContain('Acme.Odd.Named.Then: has a name that JavaScript itself calls');
});

test('a generic class says why it is not there', () => {
  const text = readFileSync(path.join(folder, 'Typed.owin.d.mts'), 'utf8');
  expect(text).toMatch(/^ *\/\/ Cache<T>: owin\.load\(\) leaves out what is generic\./m);
});

test('--int64 bigint: 64-bit integers are bigint, in the loader as well', async () => {
  expect((await types(appPath('Typed'), '--int64', 'bigint')).code).toBe(0);
  const read = (ending: string) => readFileSync(path.join(folder, `Typed.owin.${ending}`), 'utf8');
  expect(read('d.mts')).toContain('(value: number | bigint): Promise<bigint>;');
  expect(read('mjs')).toContain("{ int64: 'bigint' }");
});

test('a name that is nearly right', async () => {
  const { code, stderr } = await types(appPath('Typed').replace('Typed.dll', 'Typd.dll'));
  expect(code).toBe(1);
  expect(stderr).toContain('Did you mean Typed.dll?');
});

const textFile = path.join(folder, 'text.dll');

test.each([
  [
    'a native library',
    path.join(frameworks, newest, 'libcoreclr.so'),
    /is an ELF program or library/,
  ],
  ['a text file', textFile, /is not an assembly .* It is a text file/],
  [
    'what misses a part',
    appPath('MissingDependency'),
    /needs the assembly MissingDependency.Library/,
  ],
])('%s is refused', async (_, file, words) => {
  writeFileSync(textFile, 'text');
  const { code, stderr } = await types(file);
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
});

test('a folder to write to that is not there', async () => {
  const missing = path.join(folder, 'no/such');
  const { code, stderr } = await types(appPath('Typed'), '--out', missing);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `There is no folder ${missing}. Make it, or name another one with --out.`,
  );
});
