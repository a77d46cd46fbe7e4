import { execSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
// In the clone, so that the programs find `owin` and `express` by name.
const folder = path.join(root, 'build/test/readme');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const cs = blocks('cs');
const js = blocks('js');
const sh = blocks('sh');

function blocks(language: string): string[] {
  const found = readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
  return [...found].map((match) => match[1] as string);
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [create, build] = (sh[0] as string).trim().split('\n') as [string, string];
  execSync(create, { cwd: folder });
  for (const [i, block] of cs.entries())
    writeFileSync(path.join(folder, `OwinHelloWorld/Block${i}.cs`), block);
  execSync(build, { cwd: folder });
}, 180_000);

describe('README.md', () => {
  it('has no block that nothing here runs', () => {
    const all = [...readme.matchAll(/^```(\w+)$/gm)].map((match) => match[1]);
    expect(all.sort()).toEqual(['cs', 'cs', 'js', 'js', 'js', 'js', 'sh', 'sh']);
  });

  it('begins with an example of 15 lines at most', () => {
    const lines = `${cs[0]}${js[0]}`.split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(15);
  });

  it('names scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const named = [...readme.matchAll(/\bnpm run ([\w:]+)/g)].map((match) => match[1]);
    for (const script of [...named, 'test']) expect(scripts).toHaveProperty(script as string);
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]);
    for (const link of links) readFileSync(path.join(root, link as string));
  });

  it('the first example answers from C#', async () => {
    const { get } = await listening(js[0] as string);
    const response = await get('/jazz');
    expect(await response.text()).toBe('Hello from C#');
  });

  it('the handler with options says what was loaded, answers, and closes on SIGTERM', async () => {
    const { get, child, stdout } = await listening(js[1] as string);
    const response = await get('/');
    expect(response.status).toBe(404);
    expect(response.headers.get('x-greeter')).toBe('was here');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stdout).toMatch(/^\.NETCoreApp,Version=v\d+\.0\n$/);
  });

  it('the runtime starts with options and tells about itself', async () => {
    const { child, stdout } = run(js[2] as string);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stdout).toMatch(/^\.NET \d+\.\d+\.\d+ from \S.* \(.+\)\n\{.*exchanges: 0,/s);
  });

  it('a missing file has the code that is named', async () => {
    const { child, stdout } = run(js[3] as string);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stdout).toContain('Nowhere.dll');
  });
});

// Runs first in a program: a port of its own instead of 3000, and word of it when it listens.
const preload = `
  import net from 'node:net';
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (asked, ...rest) {
    this.once('listening', () => process.send({ asked, port: this.address().port }));
    return listen.call(this, 0, ...rest);
  };`;

/** Runs a block as it stands. */
function run(program: string) {
  const file = path.join(folder, `block${js.indexOf(program)}.mjs`);
  writeFileSync(file, program);
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, file],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, stdout: text(child.stdout as NodeJS.ReadableStream) };
}

/** Runs a block that listens. */
async function listening(program: string) {
  const running = run(program);
  const [{ asked, port }] = await once(running.child, 'message');
  expect(asked).toBe(3000);
  const get = (target: string) => fetch(`http://127.0.0.1:${port}${target}`);
  return { ...running, get };
}
