import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import owin, { type AppInfo, type Handler } from 'owin';
import { expect, onTestFinished, test, vi } from 'vitest';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { answering, build, deploy, testFolder } from '../support/versions.ts';

const reloaded = (handler: Handler): Promise<AppInfo> =>
  new Promise((resolve) => handler.once('reload', resolve));
const failed = (handler: Handler): Promise<Error> =>
  new Promise((resolve) => handler.once('error', resolve));

async function watching(source: string) {
  const handler = owin(source, { watch: true, progress: false });
  onTestFinished(() => handler.close({ drain: 0 }));
  await handler.ready;
  const { url } = await serve(handler);
  return { handler, url, answer: async () => (await request(url)).body };
}

test('an assembly that is replaced: new requests go to the new one', async () => {
  const folder = testFolder();
  const { handler, answer } = await watching(await deploy(folder, answering('one')));
  expect(await answer()).toBe('one');
  for (const text of ['two', 'three']) {
    const reload = reloaded(handler);
    await deploy(folder, answering(text));
    expect(await reload).toMatchObject({ type: 'Startup', location: path.join(folder, 'App.dll') });
    expect(await answer()).toBe(text);
  }
});

test('a request in flight ends on the version it began on', async () => {
  const folder = testFolder();
  const waits = `if (((string)env["owin.RequestPath"]) == "/wait")
    { await File.WriteAllTextAsync("${folder}/began", ""); while (!File.Exists("${folder}/go")) await Task.Delay(5); }`;
  const { handler, url, answer } = await watching(await deploy(folder, answering('one', waits)));
  const waiting = request(`${url}/wait`);
  await vi.waitUntil(() => readdirSync(folder).includes('began'));
  const reload = reloaded(handler);
  await deploy(folder, answering('two'));
  await reload;
  expect(await answer()).toBe('two');
  writeFileSync(path.join(folder, 'go'), '');
  expect((await waiting).body).toBe('one');
});

test('a C# file', async () => {
  const file = path.join(testFolder(), 'Startup.cs');
  writeFileSync(file, answering('one'));
  const { handler, answer } = await watching(file);
  const reload = reloaded(handler);
  writeFileSync(file, answering('two'));
  await reload;
  expect(await answer()).toBe('two');
});

test('a broken version keeps the old one serving, and the error is told; then it is mended', async () => {
  const file = path.join(testFolder(), 'Startup.cs');
  writeFileSync(file, answering('one'));
  const { handler, answer } = await watching(file);
  const failure = failed(handler);
  writeFileSync(file, 'public class Startup {');
  expect(await failure).toMatchObject({ code: 'ERR_OWIN_COMPILE' });
  expect(await answer()).toBe('one');
  const deleted = failed(handler);
  rmSync(file);
  expect(await deleted).toMatchObject({ code: 'ERR_OWIN_APP_NOT_FOUND' });
  expect(await answer()).toBe('one');
  const reload = reloaded(handler);
  writeFileSync(file, answering('three'));
  await reload;
  expect(await answer()).toBe('three');
});

test('an app that failed at first serves once its source is mended', async () => {
  const file = path.join(testFolder(), 'Startup.cs');
  writeFileSync(file, 'public class Startup {');
  const handler = owin(file, { watch: true });
  onTestFinished(() => handler.close());
  await expect(handler.ready).rejects.toMatchObject({ code: 'ERR_OWIN_COMPILE' });
  const reload = reloaded(handler);
  writeFileSync(file, answering('mended'));
  await reload;
  const { url } = await serve(handler);
  expect((await request(url)).body).toBe('mended');
});

test('a swap that fails leaves the source it serves watched; one that succeeds moves the watching', async () => {
  const [first, second] = [
    path.join(testFolder(), 'Startup.cs'),
    path.join(testFolder(), 'Startup.cs'),
  ];
  writeFileSync(first, answering('one'));
  writeFileSync(second, 'public class Startup {');
  const { handler, answer } = await watching(first);
  await expect(handler.swap(second)).rejects.toMatchObject({ code: 'ERR_OWIN_COMPILE' });
  const changed = reloaded(handler);
  writeFileSync(first, answering('two'));
  await changed;
  expect(await answer()).toBe('two');
  writeFileSync(second, answering('three'));
  await handler.swap(second);
  expect(await answer()).toBe('three');
  const moved = reloaded(handler);
  writeFileSync(second, answering('four'));
  await moved;
  expect(await answer()).toBe('four');
});

test('an app that asks where its assembly lies runs from a copy', async () => {
  const folder = testFolder();
  const where = 'typeof(Startup).Assembly.Location';
  const source = answering(
    'x',
    `env["owin.ResponseReasonPhrase"] = ${where} == "" ? "none" : File.Exists(${where}) ? "there" : "gone";`,
  );
  const { url } = await watching(await deploy(folder, source));
  expect((await request(url)).reason).toBe('there');
});

test('an exception names its line', async () => {
  const source = answering('x', '\n#line 42 "Acme.cs"\n throw new Exception("broken");');
  const handler = owin(await deploy(testFolder(), source), { watch: true });
  onTestFinished(() => handler.close());
  const error = new Promise<Error>((resolve) => handler.once('error', resolve));
  const { url } = await serve(handler);
  expect((await request(url)).status).toBe(500);
  expect((await error).stack).toContain('Acme.cs:line 42');
});

test('what was closed goes from memory; a warning names the app that stays', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  const folder = testFolder();
  const forever =
    'static void Loop() { while (true) Thread.Sleep(20); } static Startup() => new Thread(Loop) { IsBackground = true }.Start();';
  for (const source of [answering('goes'), answering('stays', '', forever)]) {
    const handler = owin(await deploy(folder, source), { unloadable: true });
    const { url } = await serve(handler);
    await request(url);
    await handler.close();
  }
  await vi.waitUntil(() => warnings.length > 0, { timeout: 15_000 });
  expect(warnings).toMatchObject([{ name: 'OwinWarning', code: 'OWIN_APP_ALIVE' }]);
  expect(warnings[0]?.message).toContain(path.join(folder, 'App.dll'));
});

test('a path that was loaded before is never the old assembly', async () => {
  const folder = testFolder();
  for (const text of ['one', 'two', 'three']) {
    await using handler = owin(await deploy(folder, answering(text)));
    const { url } = await serve(handler);
    expect((await request(url)).body).toBe(text);
  }
});

test('100 reloads under load: every request is answered, by a version that was there', async () => {
  const folder = testFolder();
  const texts = ['v0', 'v1', 'v2', 'v3'];
  for (const text of texts) await build(answering(text));
  const { handler, url } = await watching(await deploy(folder, answering('v0')));
  let reloads = 0;
  const seen = new Map<string, number>();
  const clients = Array.from({ length: 8 }, async () => {
    while (reloads < 100) {
      const { status, body } = await request(url);
      expect(status).toBe(200);
      seen.set(body, (seen.get(body) ?? 0) + 1);
    }
  });
  for (let i = 1; i <= 100; i++) {
    const reload = reloaded(handler);
    await deploy(folder, answering(texts[i % texts.length] as string));
    await reload;
    reloads = i;
  }
  await Promise.all(clients);
  expect([...seen.keys()].sort()).toEqual(texts);
}, 120_000);
