import { once } from 'node:events';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

describe('owin.worker', () => {
  test('answers a message with a message', async () => {
    await using worker = owin.worker(appPath('Marshalling'));
    worker.postMessage(21);
    expect(await once(worker, 'message')).toEqual([42]);
    expect((await worker.ready).name).toBe('Marshalling.Startup.Execute');
  });

  test('reports what a message fails with, and goes on', async () => {
    await using worker = owin.worker(appPath('Marshalling'), { concurrency: 1 });
    const failed = new Promise((resolve) => worker.once('error', resolve));
    worker.postMessage(-1);
    expect(await failed).toMatchObject({ name: 'System.ArgumentOutOfRangeException' });
    expect(await worker.run(4)).toBe(8);
  });

  test('ends what it works on before it exits', async () => {
    const worker = owin.worker(appPath('Marshalling'), { type: 'Marshalling.Startup' });
    const results = Array.from({ length: 20 }, (_, i) => worker.run(i));
    const exited = once(worker, 'exit');
    await worker.terminate();
    await exited;
    expect(await Promise.all(results)).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
    await expect(worker.run(1)).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_CLOSED' });
  });

  test('tells of progress while it works, and ends when it is aborted', async () => {
    const source = `
      public class Counter
      {
          public static int Count(int to, System.IProgress<int> progress, System.Threading.CancellationToken aborted)
          {
              for (int i = 0; i != to; i++)
              {
                  progress.Report(i);
                  aborted.ThrowIfCancellationRequested();
              }
              return to;
          }
      }`;
    await using worker = owin.worker({ source }, { type: 'Counter', method: 'Count' });
    const told: unknown[] = [];
    expect(await worker.run(3, { progress: (value) => told.push(value) })).toBe(3);
    expect(told.at(-1)).toBe(2);
    const controller = new AbortController();
    const endless = worker.run(-1, {
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    await expect(endless).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(async () => (await owin.runtime.stats()).functions.running).toBe(0);
  });

  test('runs C# as text, and a method by its name', async () => {
    await using worker = owin.worker(
      {
        source:
          'public class Adder { public static int Add(int[] numbers) => numbers[0] + numbers[1]; }',
      },
      { type: 'Adder', method: 'Add' },
    );
    expect(await worker.run([1, 2])).toBe(3);
    const signal = AbortSignal.abort();
    await expect(worker.run([1, 2], { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
