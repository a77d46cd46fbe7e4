import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { type Child, get, run } from './child.ts';

const root = path.join(import.meta.dirname, '../..');

const kitchen = path.join(root, 'test/apps/Kitchen/bin/Kitchen.dll');
const managedDebugger = path.join(root, 'test/dotnet/ManagedDebugger');
const hasDebugger = process.platform === 'linux' && process.arch === 'x64';

beforeAll(async () => {
  const quiet = ['-c', 'Release', '--nologo', '-v', 'q', '-clp:NoSummary'];
  if (hasDebugger) await promisify(execFile)('dotnet', ['build', managedDebugger, ...quiet]);
}, 180_000);

test('the inspector of Node and the diagnostics of .NET see one process at once', {
  timeout: 120_000,
}, async () => {
  const child = run('debugging.mjs');
  const url = await listening(child);
  const inspector = await inspect(child);
  await inspector.send('Profiler.enable');
  await inspector.send('Profiler.start');
  const trace = sampleDotnet(child);
  const load = under(url);
  const frames = await trace;
  await load.stop();
  const { profile } = await inspector.send('Profiler.stop');
  const functions = profile.nodes.map((node: any) => node.callFrame.functionName);
  expect(functions).toContain('spinInJavaScript');
  expect(frames).toContainEqual(expect.stringMatching(/^Kitchen!Kitchen\.Startup\.Queens\(/));
});

test('Node stops at a breakpoint of its inspector, and goes on', { timeout: 60_000 }, async () => {
  const child = run('debugging.mjs');
  const url = await listening(child);
  const inspector = await inspect(child);
  await inspector.send('Debugger.enable');
  await inspector.send('Debugger.setBreakpointByUrl', {
    urlRegex: '.*debugging\\.mjs',
    lineNumber: lineOf('sum += Math.sqrt'),
  });
  const paused = inspector.event('Debugger.paused');
  const answer = get(`${url}/js`);
  const { callFrames } = await paused;
  expect(callFrames[0].functionName).toBe('spinInJavaScript');
  await inspector.send('Debugger.disable');
  expect(Number(await answer)).toBeGreaterThan(0);
  expect(await get(`${url}/hello`)).toMatch(/\w/);
});

test('waitForDebugger holds apps back, tells the process id once, and keeps the process', async () => {
  const child = run('debugging.mjs', JSON.stringify({ waitForDebugger: true }));
  const { port } = await child.next<{ port: number }>();
  while (!child.stderr.includes('\n')) await once(child.process.stderr!, 'data');
  const waits = `owin: waiting for a .NET debugger to attach to process ${child.process.pid}\n`;
  expect(child.stderr).toBe(waits);
  expect(Number(await get(`http://127.0.0.1:${port}/js`))).toBeGreaterThan(0);
  const answered = get(`http://127.0.0.1:${port}/hello`).then(
    () => true,
    () => false,
  );
  expect(await Promise.race([answered, get(`http://127.0.0.1:${port}/js`)])).not.toBe(true);
  expect(child.stderr).toBe(waits);
  child.process.kill('SIGTERM');
  expect(await child.exit()).toMatchObject({ signal: 'SIGTERM' });
  expect(await answered).toBe(false);
});

// The debugger passes arguments as Linux x64 does.
test.runIf(hasDebugger)(
  'a debugger of .NET ends the wait and stops at a C# breakpoint in the node process, while Node is profiled',
  { timeout: 60_000 },
  async () => {
    const child = run('debugging.mjs', JSON.stringify({ waitForDebugger: true }));
    const { port } = await child.next<{ port: number }>();
    const inspector = await inspect(child);
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.start');
    const csharp = attach(child, 'Kitchen.Startup', 'Hello');
    expect(await csharp.line()).toBe('attached');
    expect(await child.next()).toBe('ready');
    expect(await csharp.line()).toBe('set');
    expect(await get(`http://127.0.0.1:${port}/hello`)).toMatch(/\w/);
    expect(await csharp.line()).toBe('hit Kitchen.Startup.Hello');
    expect((await inspector.send('Profiler.stop')).profile.nodes.length).toBeGreaterThan(0);
    expect(await csharp.detach()).toBe(0);
    expect(await get(`http://127.0.0.1:${port}/hello`)).toMatch(/\w/);
  },
);

/** Attaches test/dotnet/ManagedDebugger, with a breakpoint at the beginning of a method. */
function attach(child: Child, type: string, method: string) {
  const program = path.join(managedDebugger, 'bin/Release/net10.0/ManagedDebugger.dll');
  const args = [program, String(child.process.pid), kitchen, type, method];
  const csharp = spawn('dotnet', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void csharp.kill('SIGKILL'));
  const exit = once(csharp, 'exit');
  const lines = createInterface({ input: csharp.stdout })[Symbol.asyncIterator]();
  return {
    line: async () => (await lines.next()).value as string,
    async detach() {
      csharp.stdin.end();
      return (await exit)[0] as number;
    },
  };
}

/** Waits for the app, which comes after the port. */
async function listening(child: Child): Promise<string> {
  const lines = [await child.next<any>(), await child.next<any>()];
  return `http://127.0.0.1:${lines.find((line) => line.port).port}`;
}

/** Has the process open its inspector, as `kill -USR1` does, and connects. */
async function inspect(child: Child) {
  child.process.kill('SIGUSR1');
  let address: string | undefined;
  while (!(address = /ws:\/\/\S+/.exec(child.stderr)?.[0]))
    await once(child.process.stderr!, 'data');
  const socket = new WebSocket(address);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  let last = 0;
  const message = (wanted: (each: any) => boolean) =>
    new Promise<any>((resolve) => {
      socket.on('message', function look(data) {
        const each = JSON.parse(String(data));
        if (!wanted(each)) return;
        socket.off('message', look);
        resolve(each);
      });
    });
  return {
    async send(method: string, params = {}) {
      const id = ++last;
      const answer = message((each) => each.id === id);
      socket.send(JSON.stringify({ id, method, params }));
      return (await answer).result;
    },
    event: async (method: string) => (await message((each) => each.method === method)).params,
  };
}

/** Samples .NET's threads for two seconds through the diagnostics socket; the names of the frames. */
async function sampleDotnet(child: Child): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const output = ['--format', 'Speedscope', '-o', path.join(folder, 'trace.nettrace')];
  const profile = ['--profile', 'dotnet-sampled-thread-time', '--duration', '00:00:02'];
  const args = ['dotnet-trace', 'collect', '-p', String(child.process.pid), ...profile, ...output];
  await promisify(execFile)('dotnet', ['tool', 'restore'], { cwd: root });
  await promisify(execFile)('dotnet', args, { cwd: root });
  const text = readFileSync(path.join(folder, 'trace.speedscope.json'), 'utf8');
  return JSON.parse(text).shared.frames.map((frame: any) => frame.name);
}

/** Requests that keep both sides busy, until they are stopped. */
function under(url: string) {
  let on = true;
  const lane = async (target: string) => {
    while (on) await get(target);
  };
  const lanes = [lane(`${url}/js`), lane(`${url}/burn?n=12`)];
  return {
    async stop() {
      on = false;
      await Promise.all(lanes);
    },
  };
}

function lineOf(text: string): number {
  const file = path.join(import.meta.dirname, 'fixtures/debugging.mjs');
  return readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
}
