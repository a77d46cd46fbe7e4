import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from './child.ts';
import {
  dotnetRoot,
  foreignLibrary,
  hostfxr,
  installed,
  makeDotnet,
  type Part,
  realParts,
} from './made-dotnet.ts';

const NETCORE = 'Microsoft.NETCore.App';

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

/** A start with other options, in the same process, has worked. */
function expectStarted({ last, stderr }: Awaited<ReturnType<typeof failing>>): void {
  expect(last.start).toEqual(last.info);
  expect(last.info).toMatchObject({
    state: 'running',
    path: dotnetRoot,
    reason: 'option dotnetRoot',
  });
  expect(last.late).toMatchObject({ status: 200, errors: [], ready: { assembly: 'Kitchen' } });
  expect(stderr).toBe('');
}

const own = process.arch === 'x64' ? 'x64' : 'arm64';
const other = process.arch === 'x64' ? 'arm64' : 'x64';

test.each<[string, Record<string, Part>, string | RegExp]>([
  ['an empty folder', {}, 'no host/fxr folder'],
  [
    'a folder without a library',
    { 'host/fxr/10.0.0/readme': '' },
    `no host/fxr/<version>/${hostfxr}`,
  ],
  [
    'a broken hostfxr',
    { [`host/fxr/10.0.0/${hostfxr}`]: 'no library', [`shared/${NETCORE}/10.0.0/a`]: '' },
    /cannot be loaded: .+/,
  ],
  [
    'a .NET for another processor',
    { [`host/fxr/10.0.0/${hostfxr}`]: foreignLibrary(), [`shared/${NETCORE}/10.0.0/a`]: '' },
    `it is for ${other}, this process is ${own}`,
  ],
  ['a .NET without a runtime', { host: { real: 'host' } }, 'no Microsoft.NETCore.App 8.0 or later'],
  [
    'a .NET that is too old',
    realParts({ [NETCORE]: ['3.1.32', '6.0.36'] }),
    'no Microsoft.NETCore.App 8.0 or later (the newest is 6.0.36)',
  ],
  [
    'a preview of the oldest .NET that serves',
    realParts({ [NETCORE]: ['8.0.0-rc.2.23479.6'] }),
    'no Microsoft.NETCore.App 8.0 or later (the newest is 8.0.0-rc.2.23479.6)',
  ],
])(
  '%s as dotnetRoot: an error that says so, kept; then the right folder works',
  async (_, parts, outcome) => {
    const folder = makeDotnet(parts);
    const outcomes = await failing({ dotnetRoot: folder }, { dotnetRoot });
    const { error } = outcomes;
    expect(error).toEqual({
      name: 'OwinError',
      code: 'ERR_OWIN_RUNTIME_NOT_FOUND',
      message: expect.stringContaining(`\n  option dotnetRoot: ${folder}: `),
      probed: [{ source: 'option dotnetRoot', path: folder, outcome: expect.anything() }],
    });
    expect(error.probed[0].outcome).toMatch(outcome);
    expect(error.message).toContain(error.probed[0].outcome);
    expect(error.message).toContain(`for ${process.platform}-${process.arch} in:`);
    expect(error.message).toMatch(
      /\nInstall it .+ set DOTNET_ROOT .+start\(\{ dotnetRoot \}\)`\.$/,
    );
    expectKept(outcomes);
    expectStarted(outcomes);
  },
);

const version = installed(NETCORE);

test.each<[string, Record<string, Part>, RegExp, RegExp]>([
  [
    'whose framework is an empty folder',
    { host: { real: 'host' }, [`shared/${NETCORE}/${version}/readme`]: '' },
    /failed with 0x\w{8}, .+\.\n/,
    /\n(Repair|Install) .+ DOTNET_ROOT .+$/,
  ],
  [
    'whose hostpolicy is missing',
    {
      host: { real: 'host' },
      [`shared/${NETCORE}/${version}/${NETCORE}.deps.json`]: {
        real: `shared/${NETCORE}/${version}/${NETCORE}.deps.json`,
      },
    },
    /failed with 0x\w{8}, .+\.\n/,
    /\n(Repair|Install) .+ DOTNET_ROOT .+$/,
  ],
])(
  'a .NET %s: the words of its host, kept; then the right folder works',
  async (_, parts, step, remedy) => {
    const folder = makeDotnet(parts);
    const outcomes = await failing({ dotnetRoot: folder }, { dotnetRoot });
    expect(outcomes.error).toMatchObject({
      name: 'OwinError',
      code: 'ERR_OWIN_RUNTIME_START',
      message: expect.stringMatching(/\.NET says:\n.+/),
      probed: [{ source: 'option dotnetRoot', path: folder, outcome: 'chosen' }],
    });
    expect(outcomes.error.message).toMatch(step);
    expect(outcomes.error.message).toContain(`Used ${path.join(folder, 'host/fxr')}`);
    expect(outcomes.error.message).toContain(
      `\nLooked in:\n  option dotnetRoot: ${folder}: chosen`,
    );
    expect(outcomes.error.message).toMatch(remedy);
    expectKept(outcomes);
    expectStarted(outcomes);
  },
);

test('a CLR that could not start is final for the process', async () => {
  const outcomes = await failing({ gc: { heapHardLimit: 1 } }, { gc: { heapHardLimit: 2 ** 30 } });
  expect(outcomes.error).toMatchObject({ name: 'OwinError', code: 'ERR_OWIN_RUNTIME_START' });
  expectKept(outcomes);
  expect(outcomes.last.start).toEqual(outcomes.error);
  expect(outcomes.last.info.state).toBe('failed');
  expect(outcomes.stderr).toContain('0x8007000E');
});
