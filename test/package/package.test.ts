import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Packed, packAndInstall, root } from './packed.ts';

let packed: Packed;
let installed: string;

beforeAll(() => {
  packed = packAndInstall();
  installed = path.join(packed.consumer, 'node_modules/owin');
  const app = path.join(root, 'examples/hello/OwinHelloWorld/bin/Release/net10.0');
  cpSync(app, path.join(packed.consumer, 'Grüße ☃'), { recursive: true });
  return () => packed.remove();
}, 300_000);

describe('the packed package', () => {
  it('holds what runs and its documents, nothing else', () => {
    const addon = `prebuilds/${process.platform}-${process.arch}/owin.glibc.node`;
    const single = [
      ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', addon],
      ...['docs/architecture.md', 'docs/errors.md', 'docs/owin-keys.md'],
      ...['dist/dotnet/Owin.Host.runtimeconfig.json'],
      ...['dist/dotnet/Owin.Host.aspnetcore.runtimeconfig.json'],
      ...['net8.0', 'net10.0'].flatMap((tfm) => [
        `dist/dotnet/${tfm}/Owin.Host.dll`,
        `dist/dotnet/${tfm}/Owin.Host.pdb`,
      ]),
    ];
    expect(packed.files).toEqual(expect.arrayContaining(single));
    const others = packed.files.filter((file) => !single.includes(file));
    expect(others).toContain('dist/index.js');
    expect(others).toContain('dist/index.d.ts');
    const kinds = /^(dist\/[\w/.-]+\.(js|js\.map|d\.ts)|docs\/[\w-]+\.md)$/;
    for (const file of others) expect(file).toMatch(kinds);
  });

  it('compiles nothing when it is installed', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(script);
    expect(manifest.gypfile).toBe(false);
    expect(existsSync(path.join(installed, 'binding.gyp'))).toBe(false);
    expect(existsSync(path.join(installed, 'build'))).toBe(false);
    const lock = readFileSync(path.join(packed.consumer, 'package-lock.json'), 'utf8');
    expect(lock).toContain('"node_modules/owin"');
    expect(lock).not.toContain('hasInstallScript');
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('is clean for attw', { timeout: 60_000 }, () => {
    const attw = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, packed.tarball, '--profile', 'esm-only', '--format', 'ascii'];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout).toContain('node16 (from ESM): 🟢 (ESM)');
    expect(status).toBe(0);
  });
});

describe('in a folder with spaces and characters beyond ASCII', () => {
  const program = `
    const http = await import('node:http');
    const server = http.createServer(owin('Grüße ☃/OwinHelloWorld.dll'));
    await new Promise((resolve) => server.listen(0, resolve));
    const response = await fetch('http://localhost:' + server.address().port);
    console.log(response.status, await response.text());
    server.closeAllConnections();
    server.close();`;

  it('import gives the function, which runs an app', () => {
    expect(run('esm.mjs', `import owin from 'owin';${program}`)).toMatch(/^200 Hello from C#/);
  });

  it('require gives the function, which runs an app', () => {
    const text = `const owin = require('owin');(async () => {${program}})();`;
    expect(run('cjs.cjs', text)).toMatch(/^200 Hello from C#/);
  });

  it('import and require give the same', () => {
    const text = `
      import { createRequire } from 'node:module';
      import owin, { owin as named, OwinError } from 'owin';
      const required = createRequire(import.meta.url)('owin');
      console.log(owin === named, owin === required, typeof OwinError);`;
    expect(run('same.mjs', text)).toBe('true true function\n');
  });

  it('the addon is the prebuilt one', () => {
    const text = `console.log(require('node-gyp-build').path(${JSON.stringify(installed)}));`;
    expect(run('addon.cjs', text)).toMatch(/prebuilds[\\/].*owin\.glibc\.node\n$/);
  });

  it('types resolve, and refuse what is wrong', { timeout: 60_000 }, () => {
    const use = `
      import type { IncomingMessage, ServerResponse } from 'node:http';
      const handler: Handler = owin('App.dll', { type: 'App.Startup', trustProxy: true });
      const listener: (req: IncomingMessage, res: ServerResponse) => void = handler;
      handler.ready.then((info: AppInfo) => info.runtime.toUpperCase());
      handler.on('error', (error) => error.stack).close({ drain: 1_000 });
      owin.runtime.start({ gc: { concurrent: false } }).then((info) => info.version);
      // @ts-expect-error no such option
      owin('App.dll', { tpye: 'App.Startup' });
      // @ts-expect-error no such event
      handler.on('close', () => {});
      export { listener };`;
    const named = `import { type AppInfo, type Handler, OwinError } from 'owin';`;
    const code = `const code: OwinError['code'] = 'ERR_OWIN_OPTION'; export { code };`;
    write('types.mts', `import owin from 'owin';${named}${use}${code}`);
    write(
      'types.cts',
      `import owin = require('owin');type Handler = ReturnType<typeof owin>;
      type AppInfo = Awaited<Handler['ready']>;${use}`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const types = ['--types', 'node', '--typeRoots', path.join(root, 'node_modules/@types')];
    const files = ['types.mts', 'types.cts'];
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const args = [tsc, ...options, '--lib', 'es2023,esnext.disposable', ...types, ...files];
    const { stdout, status } = spawnSync(process.execPath, args, {
      cwd: packed.consumer,
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

function write(name: string, text: string): string {
  const file = path.join(packed.consumer, name);
  writeFileSync(file, text);
  return file;
}

/** Runs a program in the consumer's folder; it must not print to the standard error stream. */
function run(name: string, text: string): string {
  const file = write(name, text);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
    cwd: packed.consumer,
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}
