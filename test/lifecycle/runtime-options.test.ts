import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from './child.ts';

/** What the test app answers to `paths` in a process that starts .NET with the options. */
async function answers(options: object, ...paths: string[]): Promise<string[]> {
  const child = run('settings.mjs', JSON.stringify(options), ...paths);
  const texts: string[] = [];
  for (const _ of paths) texts.push(await child.next<string>());
  expect(await child.exit()).toMatchObject({ code: 0 });
  expect(child.stderr).toBe('');
  return texts;
}

async function settings(options: object): Promise<Record<string, string>> {
  const [text] = await answers(options, '/settings');
  return Object.fromEntries(text!.split('\n').map((line) => line.split('=')));
}

const MB = 1024 * 1024;

test('without options .NET runs with a concurrent workstation collector and ICU', async () => {
  expect(await settings({})).toMatchObject({
    server: 'False',
    concurrent: 'True',
    heapHardLimit: '0',
    invariantOrder: 'False',
    baseDirectory: expect.stringMatching(/dotnet[\\/]$/),
  });
});

test('gc.server', async () => {
  expect(await settings({ gc: { server: true } })).toMatchObject({ server: 'True' });
});

test('gc.concurrent', async () => {
  expect(await settings({ gc: { concurrent: false } })).toMatchObject({ concurrent: 'False' });
});

test('gc.heapHardLimit', async () => {
  const limit = String(300 * MB);
  expect(await settings({ gc: { heapHardLimit: 300 * MB } })).toMatchObject({
    heapHardLimit: limit,
    availableBytes: limit,
  });
});

test('gc.gen0MaxBudget bounds what is allocated between collections', async () => {
  const [collections] = await answers({ gc: { gen0MaxBudget: 1 * MB } }, `/garbage?n=${64 * MB}`);
  expect(Number(collections)).toBeGreaterThan(48);
  expect(Number(collections)).toBeLessThan(96);
});

test('arrays up to 2 MB begin in the youngest generation, or up to gc.lohThreshold', async () => {
  expect(await settings({})).toMatchObject({ generationOf1MB: '0', generationOf3MB: '2' });
  expect(await settings({ gc: { lohThreshold: 4 * MB } })).toMatchObject({ generationOf3MB: '0' });
  expect(await settings({ gc: { lohThreshold: 0 } })).toMatchObject({ generationOf1MB: '2' });
});

// The key has no documentation: .NET may cease to know it.
test('without gc.gen0MaxBudget the youngest generation is collected every 8 MB', async () => {
  const [collections] = await answers({}, `/garbage?n=${256 * MB}`);
  expect(Number(collections)).toBeGreaterThan(24);
});

test('gc.gen0MaxBudget 0 leaves it to .NET', async () => {
  const large = await answers({ gc: { gen0MaxBudget: 256 * MB } }, `/garbage?n=${256 * MB}`);
  const own = await answers({ gc: { gen0MaxBudget: 0 } }, `/garbage?n=${256 * MB}`);
  expect(Math.abs(Number(own) - Number(large))).toBeLessThan(3);
});

test('beyond gc.heapHardLimit a request fails, and the process goes on', async () => {
  const options = JSON.stringify({ gc: { heapHardLimit: 64 * MB } });
  const child = run('settings.mjs', options, `/hoard?n=${256 * MB}`, '/hello');
  expect(await child.next<string>()).toBe('');
  expect(await child.next<string>()).not.toBe('');
  expect(await child.exit()).toMatchObject({ code: 0 });
  expect(child.stderr).toContain('[System.OutOfMemoryException: ');
});

test('docs/memory.md gives .NET what V8 leaves of a container', async () => {
  const docs = readFileSync(path.join(import.meta.dirname, '../../docs/memory.md'), 'utf8');
  const [, block] = docs.match(/^```js\n(.*?)^```$/ms)!;
  const program = block!.replace(/^await owin.*$/m, 'console.log(JSON.stringify(gc));');
  const file = path.join(import.meta.dirname, 'fixtures/memory-recipe.generated.mjs');
  onTestFinished(() => rmSync(file));
  const limited = (bytes: number) => `process.constrainedMemory = () => ${bytes};`;
  const gc = async (bytes: number) => {
    writeFileSync(file, program.replace(/^$/m, limited(bytes)));
    return run('memory-recipe.generated.mjs').next<{ heapHardLimit?: number }>();
  };
  const plenty = (await gc(16 * 1024 * MB)).heapHardLimit!;
  expect(plenty).toBeGreaterThan(1024 * MB);
  expect(plenty).toBeLessThan(16 * 1024 * MB);
  expect(await gc(0)).toEqual({});
  expect(await gc(2 ** 60)).toEqual({});
  expect((await settings({ gc: { heapHardLimit: plenty } }))['heapHardLimit']).toBe(String(plenty));
});

test('invariantGlobalization', async () => {
  expect(await settings({ invariantGlobalization: true })).toMatchObject({
    invariantOrder: 'True',
  });
});
