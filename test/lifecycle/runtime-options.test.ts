import { expect, test } from 'vitest';
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

test('invariantGlobalization', async () => {
  expect(await settings({ invariantGlobalization: true })).toMatchObject({
    invariantOrder: 'True',
  });
});
