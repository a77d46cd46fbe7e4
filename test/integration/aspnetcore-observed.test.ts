// What an ASP.NET Core app logs and measures.
import owin, { type LogEntry, type Metric } from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

async function life(options = {}): Promise<{ url: string; entries: LogEntry[] }> {
  const entries: LogEntry[] = [];
  const log = (entry: LogEntry) => void entries.push(entry);
  const handler = owin(appPath('AspNetLife'), { log, ...options });
  onTestFinished(() => handler.close({ drain: 0 }));
  await handler.ready;
  return { url: (await serve(handler)).url, entries };
}

test('an ILogger writes to the log, once, with its exception and its scopes', async () => {
  const { url, entries } = await life();
  await request(`${url}/log`);
  await expect.poll(() => entries.some(({ message }) => message.includes('soup'))).toBe(true);
  const about = entries.filter(({ message }) => message.includes('soup'));
  expect(about).toHaveLength(1);
  expect(about[0]).toMatchObject({
    level: 'warn',
    category: 'AspNetLife.Turns',
    message: 'The soup is cold',
    exception: { name: 'System.FormatException', message: 'too cold' },
  });
  expect(about[0]?.scopes?.slice(-2)).toEqual(['order 7', 'guest: Ada']);
  expect(entries.some(({ message }) => message.includes('not shown'))).toBe(false);
  expect(entries.every(({ category }) => category !== 'stderr')).toBe(true);
});

test('what is logged the configuration says', async () => {
  const { url, entries } = await life({
    configuration: { Logging: { LogLevel: { 'AspNetLife.Turns': 'Debug', Microsoft: 'None' } } },
  });
  await request(`${url}/log`);
  await expect.poll(() => entries.some(({ message }) => message === 'not shown')).toBe(true);
  expect(entries.find(({ message }) => message === 'not shown')?.level).toBe('debug');
  expect(entries.some(({ category }) => category.startsWith('Microsoft.AspNetCore'))).toBe(false);
});

test('stats() tells of meters when it is asked', async () => {
  const { url } = await life();
  expect((await owin.runtime.stats()).metrics).toBeUndefined();
  await owin.runtime.stats({ metrics: true });
  for (const dish of ['soup', 'soup', 'stew']) await request(`${url}/dish/${dish}`);

  const { metrics = [] } = await owin.runtime.stats({ metrics: ['AspNetLife'] });
  expect(metrics.filter(({ name }) => name === 'dishes')).toEqual([
    expect.objectContaining({ kind: 'counter', value: 2, count: 2, tags: { dish: 'soup' } }),
    expect.objectContaining({ kind: 'counter', value: 1, tags: { dish: 'stew' } }),
  ]);
  expect(metrics).toContainEqual(
    expect.objectContaining({ meter: 'AspNetLife', name: 'tables', kind: 'gauge', value: 12 }),
  );

  const durations = () =>
    owin.runtime
      .stats({ metrics: ['Microsoft.AspNetCore.Hosting'] })
      .then((stats) => stats.metrics?.find(({ name }) => name === 'http.server.request.duration'));
  await expect.poll(async () => (await durations())?.count).toBe(3);
  const duration = (await durations()) as Metric;
  expect(duration).toMatchObject({ kind: 'histogram', unit: 's' });
  expect(duration.tags['http.route']).toBe('/dish/{name}');
  expect(duration.min).toBeLessThanOrEqual(duration.max as number);
});

test.each([[{ metrics: 1 }], [{ metrics: [1] }], [{ metric: true }]])(
  'stats(%j) is an option error',
  async (options) => {
    await expect(owin.runtime.stats(options as object)).rejects.toMatchObject({
      code: 'ERR_OWIN_OPTION',
    });
  },
);
