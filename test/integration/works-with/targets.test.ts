// One app built for .NET 8, 9 and 10, each on the newest runtime that is installed; and as it is published with a
// runtime of its own.
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import owin from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { kestrel } from '../../support/kestrel.ts';
import { load } from '../../support/load.ts';
import { request } from '../../support/request.ts';
import { serve } from '../../support/serve.ts';

const rid = `linux-${process.arch}`;
const dll = (target: string) =>
  path.join(import.meta.dirname, `../../apps/AspNetTargets/bin/${target}/AspNetTargets.dll`);

test.each(['8.0', '9.0', '10.0'])(
  'built for .NET %s it answers as under Kestrel',
  async (version) => {
    const env = { DOTNET_ROLL_FORWARD: 'LatestMajor' };
    await using other = await kestrel(dll(`net${version}`), undefined, { env });
    const handler = load(dll(`net${version}`), { log: () => {} });
    const target = `.NETCoreApp,Version=v${version}`;
    expect(await handler.ready).toMatchObject({
      assembly: 'AspNetTargets',
      targetFramework: target,
    });
    const { url } = await serve(handler);
    const { body } = await request(url);
    const { runtime } = JSON.parse(body);
    expect(body).toBe(JSON.stringify({ target, runtime }));
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
    for (const base of [url, other.urls[0] as string]) {
      expect((await request(base)).body).toBe(body);
      expect(JSON.parse((await request(base, json)).body)).toEqual({
        target,
        runtime: runtime + 1,
      });
    }
  },
);

// What is made here is what `dotnet publish` makes on Linux, and /proc says what is loaded.
const onLinux = test.runIf(process.platform === 'linux');

onLinux('published self-contained it runs on the framework of the process', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'owin-self-contained-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await selfContained(path.dirname(dll('net10.0')), folder);
  const handler = load(path.join(folder, 'AspNetTargets.dll'), { log: () => {} });
  expect(await handler.ready).toMatchObject({ location: path.join(folder, 'AspNetTargets.dll') });
  const { url } = await serve(handler);
  const target = '.NETCoreApp,Version=v10.0';
  const { major } =
    /(?<major>\d+)/.exec((await owin.runtime.start()).version as string)?.groups ?? {};
  expect(JSON.parse((await request(url)).body)).toEqual({ target, runtime: Number(major) });
  const own = readFileSync('/proc/self/maps', 'utf8').split('\n');
  expect(own.filter((line) => line.includes(`${folder}/`)).length).toBeGreaterThan(0);
  expect(own.filter((line) => line.includes(`${folder}/System.`))).toEqual([]);
});

/** What `dotnet publish --self-contained` makes of a built app: the runtime's files beside it, and named by its own. */
async function selfContained(built: string, folder: string): Promise<void> {
  cpSync(built, folder, { recursive: true });
  const { path: root, frameworks } = await owin.runtime.start();
  const runtimePacks: Record<string, { runtime: Record<string, object> }> = {};
  const libraries: Record<string, object> = {};
  for (const [name, version] of Object.entries(frameworks as Record<string, string>)) {
    const shared = path.join(root as string, 'shared', name, version);
    const pack = `runtimepack.${name}.Runtime.${rid}/${version}`;
    runtimePacks[pack] = { runtime: {} };
    libraries[pack] = { type: 'runtimepack', serviceable: false, sha512: '' };
    for (const file of readdirSync(shared)) {
      if (!/\.(dll|so)$/.test(file)) continue;
      copyFileSync(path.join(shared, file), path.join(folder, file));
      if (file.endsWith('.dll')) runtimePacks[pack].runtime[file] = {};
    }
  }
  const change = (name: string, mend: (json: Record<string, unknown>) => object) => {
    const file = path.join(folder, `AspNetTargets.${name}.json`);
    writeFileSync(file, JSON.stringify(mend(JSON.parse(readFileSync(file, 'utf8')))));
  };
  change('runtimeconfig', ({ runtimeOptions }) => {
    const { frameworks: given, framework, ...options } = runtimeOptions as Record<string, unknown>;
    return { runtimeOptions: { ...options, includedFrameworks: given ?? [framework] } };
  });
  change('deps', (deps) => {
    const app = Object.values(deps['targets'] as Record<string, object>)[0];
    const name = `.NETCoreApp,Version=v10.0/${rid}`;
    return {
      ...deps,
      runtimeTarget: { name, signature: '' },
      targets: { [name]: { ...app, ...runtimePacks } },
      libraries: { ...(deps['libraries'] as object), ...libraries },
    };
  });
}
