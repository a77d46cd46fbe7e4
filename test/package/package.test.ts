import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Packed, packAndInstall, root } from './packed.ts';
import { testProjects } from './projects.ts';

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
        `dist/dotnet/${tfm}/Owin.Host.AspNetCore.dll`,
        `dist/dotnet/${tfm}/Owin.Host.AspNetCore.pdb`,
      ]),
    ];
    expect(packed.files).toEqual(expect.arrayContaining(single));
    const others = packed.files.filter((file) => !single.includes(file));
    expect(others).toContain('dist/index.js');
    expect(others).toContain('dist/index.d.ts');
    expect(others).toContain('dist/index.cjs');
    expect(others).toContain('dist/index.d.cts');
    const sqlite = others.filter((file) => file.startsWith('dist/dotnet/sql/'));
    expect(sqlite).toContain('dist/dotnet/sql/Owin.Host.Sql.deps.json');
    expect(sqlite).toContain('dist/dotnet/sql/NOTICE.txt');
    expect(sqlite.filter((file) => file.includes('/native/'))).toHaveLength(5);
    const kinds = /^(dist\/[\w/.-]+\.(c?js|js\.map|d\.c?ts)|docs\/[\w-]+\.md)$/;
    for (const file of others) if (!sqlite.includes(file)) expect(file).toMatch(kinds);
  });

  it('loads few files for a handler, and those of functions and databases not', () => {
    const loaded = new Set<string>();
    const follow = (file: string) => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const code = readFileSync(path.join(installed, file), 'utf8');
      for (const [, imported] of code.matchAll(/^import .*?["'](\..*?)["'];$/gm))
        follow(path.posix.join(path.posix.dirname(file), imported!));
    };
    follow('dist/index.js');
    const lazy = ['dist/functions/index.js', 'dist/sql/sql.js'];
    expect(packed.files).toEqual(expect.arrayContaining(lazy));
    for (const file of lazy) expect([...loaded]).not.toContain(file);
    expect(loaded.size).toBeGreaterThan(1);
    expect(loaded.size).toBeLessThanOrEqual(8);
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

  it('types what index.ts exports for CommonJS as well', () => {
    const index = readFileSync(path.join(root, 'src/index.ts'), 'utf8');
    const commonjs = readFileSync(path.join(installed, 'dist/index.d.cts'), 'utf8');
    const lists = [...index.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].join();
    const declared = [...index.matchAll(/^export interface (\w+)/gm)].map((match) => match[1]);
    const named = [...lists.matchAll(/\b[A-Z]\w+/g)].map((match) => match[0]);
    const types = commonjs.match(/^ {2}export type \{ (.*) \};/m)![1]!.split(', ');
    const classes = [...commonjs.matchAll(/^ {2}export type (\w+) =/gm)].map((match) => match[1]);
    expect([...types, ...classes].sort()).toEqual([...new Set([...named, ...declared])].sort());
  });

  it.runIf(process.platform === 'linux')('its addon imports Node-API alone of Node', () => {
    const addon = path.join(installed, `prebuilds/linux-${process.arch}/owin.glibc.node`);
    const { stdout } = spawnSync('nm', ['-D', '--undefined-only', addon], { encoding: 'utf8' });
    const imports = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' ').pop() as string);
    const system = /@(GLIBC|GLIBCXX|CXXABI|GCC)_|^(__gmon_start__|_ITM_\w+|__cxa_pure_virtual)$/;
    const nodes = imports.filter((name) => !system.test(name));
    expect(nodes).toContain('napi_create_threadsafe_function');
    expect(nodes.filter((name) => !name.startsWith('napi_'))).toEqual([]);
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('is clean for attw', { timeout: 60_000 }, () => {
    const attw = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [attw, packed.tarball, '--format', 'ascii', ...args], {
        encoding: 'utf8',
      });
    // What resolves as Node 10 did knows no subpaths.
    const subpaths = run('--profile', 'node16');
    expect(subpaths.stdout).toContain('owin/nats');
    expect(subpaths.status, subpaths.stdout).toBe(0);
    const { status, stdout } = run('--entrypoints', '.');
    expect(stdout).toContain('node16 (from ESM): 🟢 (ESM)');
    expect(stdout).toContain('node16 (from CJS): 🟢 (CJS)');
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

  it('the addon is the prebuilt one', () => {
    const text = `console.log(require('node-gyp-build').path(${JSON.stringify(installed)}));`;
    expect(run('addon.cjs', text)).toMatch(/prebuilds[\\/].*owin\.glibc\.node\n$/);
  });
});

describe('the executable', () => {
  const owin = (...args: string[]) =>
    spawnSync('npx', ['--no', '--', 'owin', ...args], {
      cwd: packed.consumer,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });

  it('is there after the installation', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(owin('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('finds .NET', () => {
    expect(owin('doctor').stdout).toMatch(/^✔ \.NET \d+\.\d+\.\d+ in /m);
  });
});

testProjects(() => packed);

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
