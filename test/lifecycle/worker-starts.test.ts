import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Child, run } from './child.ts';

const running = expect.objectContaining({ state: 'running', owner: 'owin' });
const TOO_LATE = { code: 'ERR_OWIN_RUNTIME_STARTED', info: running };

async function ended(child: Child): Promise<void> {
  expect(await child.exit()).toMatchObject({ code: 0 });
  expect(child.stderr).toBe('');
}

test.each([
  ['the main thread', 'a worker', 'main', 'worker'],
  ['a worker', 'the main thread', 'worker', 'main'],
  ['a worker', 'another', 'one', 'other'],
])('what %s has started, %s has too: without options, as it is', async (_, __, first, second) => {
  const child = run('worker-starts.mjs', `${first}:{"gc":{"concurrent":false}}`, `${second}:{}`);
  expect(await child.next()).toEqual([
    { before: { state: 'idle' }, started: running, info: running },
  ]);
  expect(await child.next()).toEqual([{ before: running, started: running, info: running }]);
  await ended(child);
});

test('options come too late where another thread has started it', async () => {
  const child = run('worker-starts.mjs', 'main:{}', 'worker:{"gc":{"server":true}}', 'worker:{}');
  await child.next();
  expect(await child.next()).toMatchObject([TOO_LATE]);
  expect(await child.next()).toMatchObject([{ started: running }]);
  await ended(child);
});

test('of several threads that start it at once with options of their own, one has its way', async () => {
  const child = run(
    'worker-starts.mjs',
    'main:{}+one:{"gc":{"server":true}}+two:{"gc":{"concurrent":false}}+three:{"gc":{"gen0MaxBudget":4000000}}',
    'one:{}+two:{}+three:{}',
  );
  const outcomes = await child.next<object[]>();
  expect(outcomes[0]).toMatchObject({ started: running });
  expect(outcomes.slice(1).filter((each) => 'code' in each)).toHaveLength(3);
  expect(await child.next()).toMatchObject([
    { started: running },
    { started: running },
    { started: running },
  ]);
  await ended(child);
});

test('one hears of its failed start also when another thread has begun a start since', async () => {
  const wrong = { dotnetRoot: mkdtempSync(path.join(tmpdir(), 'owin-dotnet-')) };
  onTestFinished(() => rmSync(wrong.dotnetRoot, { recursive: true }));
  const right = { gc: { concurrent: false } };
  const child = run('two-starts.mjs', JSON.stringify(wrong), JSON.stringify(right));
  expect(await child.next()).toEqual({ main: 'ERR_OWIN_RUNTIME_NOT_FOUND' });
  expect(await child.next()).toEqual({ worker: ['ERR_OWIN_RUNTIME_NOT_FOUND', 'running'] });
  await ended(child);
});

test('equal options are no conflict', async () => {
  const options = '{"gc":{"concurrent":false}}';
  const child = run('worker-starts.mjs', `main:${options}+one:${options}`);
  expect(await child.next()).toMatchObject([{ started: running }, { started: running }]);
  await ended(child);
});
