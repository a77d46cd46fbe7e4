import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { run } from './child.ts';

let dotnetRoot: string;
beforeAll(() => {
  const onPath = process.env['PATH']!.split(path.delimiter).map((folder) =>
    path.join(folder, 'dotnet'),
  );
  dotnetRoot =
    process.env['DOTNET_ROOT'] ??
    path.dirname(realpathSync(onPath.find((file) => existsSync(file))!));
});

/** A folder that begins as .NET's do; the files given are written into it. */
function dotnetFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-dotnet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

async function failing(wrong: object, right: object) {
  const child = run('failed-start.mjs', JSON.stringify(wrong), JSON.stringify(right));
  const first = await child.next();
  const kept = await child.next();
  const last = await child.next();
  expect(await child.exit()).toMatchObject({ code: 0 });
  return { error: first.start, first, kept, last, stderr: child.stderr };
}

/** Every way to ask for a handler gets the same error. */
function expectKept({ error, first, kept }: Awaited<ReturnType<typeof failing>>): void {
  expect(first.info).toEqual({ state: 'failed', probed: error.probed });
  for (const requested of [kept.early, kept.late]) {
    expect(requested.ready).toEqual(error);
    expect(JSON.parse(requested.next)).toEqual(error);
    expect(requested.status).toBe(500);
    expect(requested.errors).toEqual([error]);
  }
  expect(kept.again).toEqual(error);
}

const hostfxr =
  process.platform === 'win32'
    ? 'hostfxr.dll'
    : process.platform === 'darwin'
      ? 'libhostfxr.dylib'
      : 'libhostfxr.so';

test.each([
  ['an empty folder', {}, 'no host/fxr folder'],
  [
    'a folder without a library',
    { 'host/fxr/10.0.0/readme': '' },
    `no host/fxr/<version>/${hostfxr}`,
  ],
  [
    'a broken hostfxr',
    { [`host/fxr/10.0.0/${hostfxr}`]: 'no library', 'shared/Microsoft.NETCore.App/10.0.0/a': '' },
    /cannot be loaded: .+/,
  ],
])(
  '%s as dotnetRoot: an error that says so, kept; then the right folder works',
  async (_, files, outcome) => {
    const folder = dotnetFolder(files);
    const outcomes = await failing({ dotnetRoot: folder }, { dotnetRoot });
    expect(outcomes.error).toEqual({
      name: 'OwinError',
      code: 'ERR_OWIN_RUNTIME_NOT_FOUND',
      message: expect.stringContaining(folder),
      probed: [
        { source: 'option dotnetRoot', path: folder, outcome: expect.stringMatching(outcome) },
      ],
    });
    expectKept(outcomes);
    const { start, info, late } = outcomes.last;
    expect(start).toEqual(info);
    expect(info).toMatchObject({ state: 'running', path: dotnetRoot, reason: 'option dotnetRoot' });
    expect(late).toMatchObject({ status: 200, errors: [], ready: { assembly: 'Kitchen' } });
    expect(outcomes.stderr).toBe('');
  },
);

test('a .NET without its framework: the words of its host, kept; then the right folder works', async () => {
  const folder = dotnetFolder({ 'shared/Microsoft.NETCore.App/10.0.0/readme': '' });
  symlinkSync(path.join(dotnetRoot, 'host'), path.join(folder, 'host'));
  const outcomes = await failing({ dotnetRoot: folder }, { dotnetRoot });
  expect(outcomes.error).toMatchObject({
    name: 'OwinError',
    code: 'ERR_OWIN_RUNTIME_START',
    message: expect.stringMatching(/\.NET says:\n.+/),
    probed: [{ source: 'option dotnetRoot', path: folder, outcome: 'chosen' }],
  });
  expectKept(outcomes);
  expect(outcomes.last.info).toMatchObject({ state: 'running', path: dotnetRoot });
  expect(outcomes.last.late.status).toBe(200);
  expect(outcomes.stderr).toBe('');
});

test('a CLR that could not start is final for the process', async () => {
  const outcomes = await failing({ gc: { heapHardLimit: 1 } }, { gc: { heapHardLimit: 2 ** 30 } });
  expect(outcomes.error).toMatchObject({ name: 'OwinError', code: 'ERR_OWIN_RUNTIME_START' });
  expectKept(outcomes);
  expect(outcomes.last.start).toEqual(outcomes.error);
  expect(outcomes.last.info.state).toBe('failed');
  expect(outcomes.stderr).toContain('0x8007000E');
});
