import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Packed, root } from './packed.ts';
import { tool } from './tools.ts';

const app = path.join(root, 'examples/hello/OwinHelloWorld/bin/Release/net10.0/OwinHelloWorld.dll');
const hello = '200 Hello from C#\n';
/** Tests of projects that have installed the package; `packed` is called when they run. */
export function testProjects(packed: () => Packed): void {
  describe('an ESM project', () => {
    const all = `${hello}true true true\n0\n`;

    it('runs on Node', { timeout: 60_000 }, () => {
      expect(run(project(packed(), 'esm'), process.execPath, ['main.js'])).toEqual(clean(all));
    });

    it('runs on Node without a compiler, a shell or anything else on PATH', {
      timeout: 120_000,
    }, () => {
      const probe = `console.log((await (await import('owin')).owin.runtime.start()).path)`;
      const dotnet = run(project(packed(), 'esm'), process.execPath, ['-e', probe]).stdout.trim();
      const bare = path.join(packed().consumer, 'nothing');
      mkdirSync(bare);
      const environment = { PATH: bare, DOTNET_ROOT: dotnet };
      expect(run(project(packed(), 'esm'), process.execPath, ['main.js'], environment)).toEqual(
        clean(all),
      );
    });

    for (const [name, args] of [
      ['bun', ['run', 'main.js']],
      ['deno', ['run', '--allow-all', '--no-prompt', 'main.js']],
    ] as const)
      it(`runs on ${name}, where there is one for this platform`, { timeout: 120_000 }, () => {
        const program = tool(name);
        if (!program) return console.log(`${name}: no binary for this platform, not run`);
        expect(run(project(packed(), 'esm'), program, [...args])).toEqual(clean(all));
      });
  });

  describe('a TypeScript project with nodenext', () => {
    it('compiles, and its ES module and its CommonJS module run', { timeout: 180_000 }, () => {
      const folder = project(packed(), 'nodenext');
      const types = path.join(folder, 'node_modules/@types');
      mkdirSync(path.join(folder, 'node_modules'));
      symlinkSync(path.join(root, 'node_modules/@types'), types, 'junction');
      const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
      expect(run(folder, process.execPath, [tsc, '-p', '.'])).toEqual(clean(''));
      const all = `OwinHelloWorld ${hello}ERR_OWIN_APP_NOT_FOUND\n`;
      expect(run(folder, process.execPath, ['out/modern.mjs'])).toEqual(clean(all));
      expect(run(folder, process.execPath, ['out/classic.cjs'])).toEqual(clean(all));
    });
  });

  describe('a Jest project in CommonJS', () => {
    it('passes its tests, all files in one process', { timeout: 120_000 }, () => {
      const args = [tool('jest') as string, '--runInBand', '--ci', '--json'];
      const { stdout, stderr, status } = run(project(packed(), 'jest'), process.execPath, args);
      expect({ stderr, status }).toMatchObject({ status: 0 });
      const { numPassedTestSuites, numPassedTests, numTotalTests } = JSON.parse(stdout);
      expect([numPassedTestSuites, numPassedTests, numTotalTests]).toEqual([2, 4, 4]);
      expect(stderr).not.toContain('did not exit');
    });
  });
}

/** A copy of a folder of projects/, below the one where the package is installed. */
function project(packed: Packed, name: string): string {
  const folder = path.join(packed.consumer, name);
  cpSync(path.join(import.meta.dirname, 'projects', name), folder, { recursive: true });
  return folder;
}

function run(cwd: string, program: string, args: string[], environment?: NodeJS.ProcessEnv) {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd,
    env: { ...(environment ?? process.env), OWIN_APP: app },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { stdout, stderr, status };
}

function clean(stdout: string) {
  return { stdout, stderr: '', status: 0 };
}
