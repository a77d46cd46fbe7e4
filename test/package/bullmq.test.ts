// examples/bullmq, with a redis-server of the test's own.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { type Job, Queue, QueueEvents, Worker } from 'bullmq';
import owin from 'owin';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

const folder = path.join(import.meta.dirname, '../../examples/bullmq');
const source = path.join(folder, 'Work.cs');
let port: number;
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return address.port;
}

/** Starts a program, and waits until it says so. */
async function start(program: string, args: string[], says: string): Promise<ChildProcess> {
  const child = spawn(program, args, {
    env: { ...process.env, REDIS_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  while (!said.includes(says)) await once(child.stdout, 'data');
  return child;
}

const worker = (): Promise<ChildProcess> =>
  start(process.execPath, [path.join(folder, 'worker.mjs')], 'works');

/** A queue of its own and its events, closed when the test ends. */
async function opened(name: string): Promise<{ queue: Queue; events: QueueEvents }> {
  const queue = new Queue(name, { connection: { port } });
  const events = new QueueEvents(name, { connection: { port } });
  onTestFinished(async () => {
    await Promise.all([queue.close(), events.close()]);
  });
  // One for each job that is waited for.
  queue.setMaxListeners(0);
  await events.waitUntilReady();
  return { queue, events };
}

function hashed(text: string, rounds: number): string {
  let data = Buffer.from(text);
  for (let i = 0; i < rounds; i++) data = createHash('sha256').update(data).digest();
  return data.toString('hex').toUpperCase();
}

beforeAll(async () => {
  port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  await start('redis-server', args, 'Ready to accept connections');
});

test('two workers share the jobs, and lose none when one is killed in the middle', async () => {
  const { queue, events } = await opened('hash');
  const [first, second] = await Promise.all([worker(), worker()]);
  const rounds = 200_000;
  const jobs = await queue.addBulk(
    Array.from({ length: 12 }, (_, i) => ({
      name: 'hash',
      data: [`text ${i}`, rounds],
      opts: { attempts: 3 },
    })),
  );
  // Both work: four jobs run.
  await expect.poll(() => queue.getActiveCount(), { timeout: 20_000 }).toBe(4);
  first.kill('SIGKILL');
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
  expect(results).toEqual(jobs.map((_, i) => hashed(`text ${i}`, rounds)));
  // It was in the middle of some, which the other one took over.
  const after = await Promise.all(jobs.map(({ id }) => queue.getJob(id as string)));
  expect(after.filter((job) => (job?.stalledCounter ?? 0) > 0).length).toBeGreaterThan(0);
  const exited = once(second, 'exit');
  second.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}, 120_000);

test('an exception fails a try, and the next one comes as the job says', async () => {
  const { queue, events } = await opened('flaky');
  const flaky = owin.func.job(
    {
      source: `
        public static class Flaky
        {
            static int tries;
            public static string Try(string text) =>
                ++tries < 3 ? throw new System.InvalidOperationException($"try {tries}") : text;
        }`,
    },
    'Flaky.Try',
  );
  const own = new Worker('flaky', flaky, { connection: { port } });
  onTestFinished(async () => {
    await own.close();
    await flaky.close();
  });
  const failures: string[] = [];
  own.on('failed', (_job, error) => failures.push(`${error.name}: ${error.message}`));
  const backoff = { type: 'fixed', delay: 10 };
  const job = await queue.add('try', ['done'], { attempts: 3, backoff });
  expect(await job.waitUntilFinished(events)).toBe('done');
  expect(failures).toEqual([1, 2].map((n) => `System.InvalidOperationException: try ${n}`));
  const kept = await queue.getJob(job.id as string);
  expect(kept?.attemptsMade).toBe(3);
  expect(kept?.stacktrace?.[0]).toContain('at Flaky.Try(String text)');
}, 60_000);

test('progress, tries and cancellation are those of the queue', async () => {
  const { queue, events } = await opened('mapped');
  const hash = owin.func.job(source, 'Work.Hash');
  const own = new Worker('mapped', hash, { connection: { port } });
  onTestFinished(async () => {
    await own.close();
    await hash.close();
  });
  const told: unknown[] = [];
  own.on('progress', (_job, progress) => told.push(progress));
  const job = await queue.add('hash', ['Ella', 1000]);
  expect(await job.waitUntilFinished(events)).toBe(hashed('Ella', 1000));
  expect(told.at(-1)).toBe(100);

  // Arguments that no try can mend.
  const wrong = await queue.add('hash', ['Ella', 'many'], { attempts: 3 });
  await expect(wrong.waitUntilFinished(events)).rejects.toThrow('rounds');
  expect((await queue.getJob(wrong.id as string))?.attemptsMade).toBe(1);

  const endless = await queue.add('hash', ['Ella', 50_000_000], { attempts: 1 });
  const [begun] = (await once(own, 'progress')) as [Job];
  expect(begun.id).toBe(endless.id);
  own.cancelJob(endless.id as string);
  await expect(endless.waitUntilFinished(events)).rejects.toThrow();
  await expect.poll(async () => (await owin.runtime.stats()).functions.running).toBe(0);
}, 60_000);
