import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { serve } from '../support/serve.ts';
import { Program, serving } from './program.ts';

const text = async (url: string) => (await fetch(url)).text();

test('an assembly answers, and is named', async () => {
  const { program, url } = await serving(appPath('Kitchen'));
  expect(await text(`${url}/hello`)).toContain('Hello');
  expect(program.stdout).toMatch(/^.*Kitchen\.dll: Kitchen\.Startup\.Invoke, on \.NET \d+\.\d+/);
  expect(program.stderr).toBe('');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s lets what is in flight end, then exits with 0',
  async (signal) => {
    const { program, url } = await serving(appPath('Kitchen'));
    const response = await fetch(`${url}/sse?n=8&every=50`);
    program.process.kill(signal);
    expect(await response.text()).toContain('data: 7');
    expect(await program.exit()).toEqual({ code: 0, signal: null });
    expect(program.stderr).toBe('');
  },
);

test('--watch: a changed file answers anew, a broken one is told of and leaves the old', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'Startup.cs');
  const write = (answer: string) =>
    writeFileSync(
      file,
      `public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync(${answer});
    }
}`,
    );
  write('"one"');
  const { program, url } = await serving(file, '--watch');
  expect(await text(url)).toBe('one');
  write('"broken');
  await expect.poll(() => program.stderr, { timeout: 60_000 }).toContain('CS1010');
  expect(program.stderr).toContain(`${file}:6:`);
  expect(program.stderr).not.toMatch(/^ +at /m);
  expect(await text(url)).toBe('one');
  write('"two"');
  await program.says(/^(Loaded anew): .*Startup\.Invoke/m);
  expect(await text(url)).toBe('two');
}, 180_000);

test('an app that is not there: what to do, no stack, exit code 1', async () => {
  const program = new Program(['serve', 'Nowhere.dll']);
  expect(await program.exit()).toEqual({ code: 1, signal: null });
  expect(program.stderr).toContain('Nowhere.dll does not exist.');
  expect(program.stderr).toContain('Pass the path of a built .NET assembly');
  expect(program.stderr).not.toMatch(/^ +at /m);
  expect(program.stdout).toBe('');
});

test('an app that throws while it starts: its type, message and own lines', async () => {
  const program = new Program(['serve', appPath('ThrowingConstructor')]);
  expect(await program.exit()).toEqual({ code: 1, signal: null });
  const frames = program.stderr.split('\n').filter((line) => /^ +at /.test(line));
  expect(program.stderr).toMatch(/^System\.\w+Exception: /);
  expect(frames.length).toBeGreaterThan(0);
  for (const frame of frames) expect(frame).toMatch(/ThrowingConstructor.* in .*\.cs:line \d+$/);
});

test('a port that is taken is named', async () => {
  const { server } = await serve(http.createServer());
  const { port } = server.address() as AddressInfo;
  const args = ['serve', appPath('Kitchen'), '--host', '127.0.0.1', '--port', String(port)];
  const program = new Program(args);
  expect(await program.exit()).toEqual({ code: 1, signal: null });
  expect(program.stderr).toBe(`Port ${port} is in use. Choose another one with --port.\n`);
});

test('a port that is none is refused', async () => {
  const program = new Program(['serve', appPath('Kitchen'), '--port', '70000']);
  expect(await program.exit()).toEqual({ code: 1, signal: null });
  expect(program.stderr).toContain('A port is a number from 0 to 65535.');
});

test('an ASP.NET Core app that ends by itself ends the program with its exit code', async () => {
  const { program, url } = await serving(appPath('AspNetLife'));
  expect(await text(`${url}/stop`)).toBe('stopping');
  expect(await program.exit()).toEqual({ code: 3, signal: null });
});
