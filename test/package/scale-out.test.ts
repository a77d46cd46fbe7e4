// examples/relay and examples/cluster: several processes answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startNats } from '../support/nats.ts';

const examples = path.join(import.meta.dirname, '../../examples');

interface Started {
  child: ChildProcess;
  /** Its first line. */
  line: string;
}

async function start(file: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const child = spawn(process.execPath, [path.join(examples, file)], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await expect.poll(() => said, { timeout: 60_000 }).toMatch(/\n/);
  return { child, line: (said.split('\n')[0] as string).replace('localhost', '127.0.0.1') };
}

/** The process that answers. */
async function answering(url: string): Promise<number> {
  // What was handed to a worker that is killed gets no answer.
  const signal = AbortSignal.timeout(2_000);
  const response = await fetch(url, { headers: { Connection: 'close' }, signal });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return Number(text.match(/process (\d+)\n$/)?.[1]);
}

async function allAnswering(url: string, pids: (number | undefined)[]): Promise<void> {
  const seen = new Set<number | undefined>();
  await expect
    .poll(async () => seen.add(await answering(url)), { timeout: 30_000, interval: 5 })
    .toEqual(new Set(pids));
}

test('relay: hosts take turns, and one that ends leaves the rest to the other', async () => {
  const { servers, stop } = await startNats();
  onTestFinished(stop);
  const [first, second] = await Promise.all([
    start('relay/host.mjs', { NATS: servers }),
    start('relay/host.mjs', { NATS: servers }),
  ]);
  const gateway = await start('relay/gateway.mjs', { NATS: servers });
  await allAnswering(gateway.line, [first.child.pid, second.child.pid]);
  const exited = once(first.child, 'exit');
  first.child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  for (let i = 0; i < 10; i++) expect(await answering(gateway.line)).toBe(second.child.pid);
}, 120_000);

test('cluster: workers share the port, and one that is killed is replaced', async () => {
  const { line: url, child } = await start('cluster/server.mjs', {});
  const seen = new Set<number>();
  const look = async () => seen.add(await answering(url)).size;
  await expect.poll(look, { timeout: 60_000, interval: 5 }).toBe(2);
  process.kill([...seen][0] as number, 'SIGKILL');
  await expect.poll(() => look().catch(() => 0), { timeout: 60_000, interval: 50 }).toBe(3);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}, 180_000);
