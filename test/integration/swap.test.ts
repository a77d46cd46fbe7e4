import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import owin, { type SwapOptions } from 'owin';
import { expect, onTestFinished, test, vi } from 'vitest';
import { allLetGo } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { Client } from '../support/upgrade.ts';
import { answering, build, testFolder } from '../support/versions.ts';

const throwing = answering('two', 'throw new Exception("two is broken");');

async function serving(text: string) {
  const handler = owin(await build(answering(text)));
  onTestFinished(() => handler.close({ drain: 0 }));
  const { url } = await serve((req, res) =>
    handler(req, res, () => res.writeHead(500).end('failed')),
  );
  await handler.ready;
  return { handler, url, answer: async () => (await request(url)).body };
}

/** Asks until the promise settles; how often each answer came. */
async function load(url: string, until: Promise<unknown>): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  let over = false;
  until.catch(() => {}).finally(() => (over = true));
  const clients = Array.from({ length: 4 }, async () => {
    while (!over) {
      const { body } = await request(url);
      seen[body] = (seen[body] ?? 0) + 1;
    }
  });
  await Promise.all(clients);
  return seen;
}

test('without options the new version takes over at once', async () => {
  const { handler, answer } = await serving('one');
  expect(await answer()).toBe('one');
  const outcome = await handler.swap(await build(answering('two')));
  expect(outcome).toMatchObject({ outcome: 'promoted', requests: 0, info: { type: 'Startup' } });
  expect(await answer()).toBe('two');
});

test('a share of the requests goes to the new version, which is promoted when it works', async () => {
  const { handler, url, answer } = await serving('one');
  const options = { share: 0.25, rollbackOn: { requests: 40 } };
  const swap = handler.swap(await build(answering('two')), options);
  const seen = await load(url, swap);
  expect(await swap).toMatchObject({ outcome: 'promoted', requests: 40, failures: 0 });
  expect(Object.keys(seen).sort()).toEqual(['one', 'two']);
  // 40 of the new one, and three times as many of the old.
  expect(seen['one']).toBeGreaterThanOrEqual(110);
  expect(await answer()).toBe('two');
});

test('a version with too many errors is rolled back', async () => {
  const { handler, url, answer } = await serving('one');
  const swap = handler.swap(await build(throwing), {
    share: 0.5,
    rollbackOn: { errorRate: 0.1, requests: 50 },
  });
  const seen = await load(url, swap);
  const { outcome, requests, failures } = await swap;
  expect([outcome, failures]).toEqual(['rolledBack', 6]);
  expect(requests).toBe(6);
  expect(seen['failed']).toBeGreaterThanOrEqual(6);
  for (let i = 0; i < 10; i++) expect(await answer()).toBe('one');
});

test('a status of 500 counts as an error', async () => {
  const { handler, url } = await serving('one');
  const status = answering('two', 'env["owin.ResponseStatusCode"] = 503;');
  const swap = handler.swap(await build(status), { rollbackOn: { errorRate: 0, requests: 10 } });
  await load(url, swap);
  expect(await swap).toMatchObject({ outcome: 'rolledBack', failures: 1 });
});

test('the version before is told that it ends, and not before its requests have', async () => {
  const folder = testFolder();
  const [began, go, told] = ['began', 'go', 'told'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const waits = `
    ((CancellationToken)env["host.OnAppDisposing"]).Register(() => File.WriteAllText("${told}", ""));
    File.WriteAllText("${began}", "");
    while (!File.Exists("${go}")) await Task.Delay(5);`;
  const handler = owin(await build(answering('one', waits)));
  onTestFinished(() => handler.close({ drain: 0 }));
  const { url } = await serve(handler);
  const waiting = request(url);
  await vi.waitUntil(() => existsSync(began), 10_000);
  await handler.swap(await build(answering('two')));
  for (let i = 0; i < 10; i++) expect((await request(url)).body).toBe('two');
  expect(existsSync(told)).toBe(false);
  writeFileSync(go, '');
  expect((await waiting).body).toBe('one');
  await vi.waitUntil(() => existsSync(told), 10_000);
});

test('a version that cannot be loaded leaves the old one where it is', async () => {
  const { handler, answer } = await serving('one');
  await expect(handler.swap(`${testFolder()}/No.dll`)).rejects.toMatchObject({
    code: 'ERR_OWIN_APP_NOT_FOUND',
  });
  expect(await answer()).toBe('one');
});

test('closing in the middle of a trial ends it', async () => {
  const { handler, url } = await serving('one');
  const swap = handler.swap(await build(answering('two')), { share: 0.5 });
  const ended = expect(swap).rejects.toMatchObject({ code: 'ERR_OWIN_APP_CLOSED' });
  await request(url);
  await handler.close();
  await ended;
  await expect(handler.swap(await build(answering('two')))).rejects.toMatchObject({
    code: 'ERR_OWIN_APP_CLOSED',
  });
});

test('swaps follow one another', async () => {
  const { handler, answer } = await serving('one');
  const swaps = ['two', 'three', 'four'].map(async (text) =>
    handler.swap(await build(answering(text))),
  );
  await Promise.all(swaps);
  expect(['two', 'three', 'four']).toContain(await answer());
});

test.each<[string, unknown]>([
  ['share', 0],
  ['share', 1.5],
  ['share', '1'],
  ['rollbackOn', 1],
  ['rollbackOn', { requests: 0 }],
  ['rollbackOn', { errorRate: 2 }],
  ['rollbackOn', { rate: 1 }],
  ['shares', 1],
])('%s: %j is refused', async (name, value) => {
  const { handler } = await serving('one');
  await expect(handler.swap('x.dll', { [name]: value } as SwapOptions)).rejects.toMatchObject({
    code: 'ERR_OWIN_OPTION',
  });
});

test('a WebSocket keeps its version until it closes, or the time to drain is over', async () => {
  const source = (text: string) =>
    answering(
      text,
      `if (env.TryGetValue("websocket.Accept", out var accept))
        {
            ((Action<IDictionary<string, object>, Func<IDictionary<string, object>, Task>>)accept)(null!, async ws =>
            {
                var receive = (Func<ArraySegment<byte>, CancellationToken, Task<Tuple<int, bool, int>>>)ws["websocket.ReceiveAsync"];
                var send = (Func<ArraySegment<byte>, int, bool, CancellationToken, Task>)ws["websocket.SendAsync"];
                while ((await receive(new byte[100], default)).Item1 == 1)
                    await send(System.Text.Encoding.UTF8.GetBytes("${text}"), 1, true, default);
            });
            return;
        }`,
    );
  const handler = owin(await build(source('one')), { limits: { drainTimeout: 1_000 } });
  onTestFinished(() => handler.close({ drain: 0 }));
  const { server, port, url } = await serve(handler);
  owin.attach(server);
  await handler.ready;
  const old = await Client.open(`ws://127.0.0.1:${port}`);
  expect(await old.echo('a')).toBe('one');
  await handler.swap(await build(source('two')));
  expect((await request(url)).body).toBe('two');
  expect(await old.echo('a')).toBe('one');
  const young = await Client.open(`ws://127.0.0.1:${port}`);
  expect(await young.echo('a')).toBe('two');
  expect((await old.closed).code).toBe(1006);
  expect(await young.echo('a')).toBe('two');
  young.socket.close(1000);
  expect((await young.closed).code).toBe(1000);
  await allLetGo();
});
