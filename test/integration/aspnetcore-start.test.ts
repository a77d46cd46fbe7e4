// What the start of an ASP.NET Core app leaves behind when it fails, and what of the process it uses meanwhile.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import owin, { type AppOptions, type Handler } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const dll = appPath('AspNetLife');

const life = (mode: string, options: AppOptions = {}): Handler =>
  load(dll, { log: () => {}, ...options, args: [`--mode=${mode}`, ...(options.args ?? [])] });

async function failure(mode: string, options: AppOptions = {}): Promise<Error & { code?: string }> {
  const args = [`--mode=${mode}`, ...(options.args ?? [])];
  return owin(dll, { log: () => {}, ...options, args }).ready.then(
    () => expect.unreachable('it started'),
    (error) => error,
  );
}

/** What the app answers to a request of its own. */
async function get(handler: Handler, target: string): Promise<string> {
  return (await handler.fetch(new Request(`http://app${target}`))).text();
}

describe('a start that takes longer than startTimeout ends the app', () => {
  test.each([
    ['started-never', 'that waits for what may be given up', ''],
    ['started-late', 'that ends by itself, later', 'late\n'],
  ])('%s: %s', async (mode, _, written) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin-start-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true }));
    const notes = path.join(folder, 'notes');
    const error = await failure(mode, { startTimeout: 1500, args: [`--notes=${notes}`] });
    expect(error.code).toBe('ERR_OWIN_START_TIMEOUT');
    if (written) fs.writeFileSync(notes, written);
    const read = () => fs.existsSync(notes) && fs.readFileSync(notes, 'utf8');
    await expect.poll(read, { timeout: 10_000 }).toBe(`${written}Run has returned\n`);
  });
});

test('a start that waits for another says for which, and begins when that is over', async () => {
  let begun = () => {};
  const runs = new Promise<void>((resolve) => (begun = resolve));
  const blocked = failure('blocks', { startTimeout: 2000, log: () => begun() });
  await runs;
  const waits = () => ({ args: ['--shape=slim'], log: () => {} });
  const hosts = appPath('AspNetHosts');
  const impatient = owin(hosts, { ...waits(), startTimeout: 200 }).ready.catch((error) => error);
  const patient = load(hosts, waits());
  expect(await impatient).toMatchObject({
    code: 'ERR_OWIN_START_TIMEOUT',
    message: expect.stringContaining(`the start of ${dll}, which it has to wait for,`),
  });
  expect((await patient.ready).assembly).toBe('AspNetHosts');
  expect((await blocked).code).toBe('ERR_OWIN_START_TIMEOUT');
});

test('an app that tells itself to stop in its start ends when it has started', async () => {
  const handler = life('service-stops');
  const exit = new Promise((resolve) => handler.once('exit', resolve));
  await handler.ready;
  expect(await exit).toEqual({ code: 3 });
  const { url } = await serve(handler);
  expect((await request(url)).status).toBe(503);
});

describe('the entry assembly, and the base directory,', () => {
  const named = async (handler: Handler) => [
    await get(handler, '/entry'),
    await get(handler, '/base-directory'),
  ];
  const own = ['AspNetLife', path.dirname(dll) + path.sep];

  test('are those of the last app that runs', async () => {
    const first = life('');
    expect(await named(first)).toEqual(own);
    const second = load(appPath('AspNetHosts'), { args: ['--shape=slim'], log: () => {} });
    await second.ready;
    const hosts = ['AspNetHosts', path.dirname(appPath('AspNetHosts')) + path.sep];
    expect(await named(first)).toEqual(hosts);
    const third = life('');
    await third.ready;
    expect(await named(first)).toEqual(own);
    await third.close();
    expect(await named(first)).toEqual(hosts);
    await second.close();
    expect(await named(first)).toEqual(own);
  });

  test('are not those of one that has failed to start', async () => {
    const first = load(appPath('AspNetHosts'), { args: ['--shape=slim'], log: () => {} });
    await first.ready;
    const second = life('');
    await second.ready;
    await failure('throws');
    await owin(appPath('AspNetHosts'), { args: ['--shape=none'], log: () => {} }).ready.catch(
      () => {},
    );
    expect(await named(second)).toEqual(own);
  });
});

test('options for Kestrel that fail are told of; what has been set before them holds', async () => {
  const logged: string[] = [];
  const log: AppOptions['log'] = ({ level, category, message, exception }) =>
    level === 'warn' && logged.push(`${category}: ${message} ${exception?.name}`);
  const { url } = await serve(life('certificate-missing', { log }));
  const post = async (body: string) => {
    const { status } = await request(`${url}/length`, { method: 'POST', body });
    return status;
  };
  expect([await post('twelve bytes'), await post('thirteen byte')]).toEqual([200, 413]);
  expect(logged).toEqual([
    expect.stringMatching(
      /^Owin\.Host\.AspNetCore\S+: The options of Kestrel .* \S*CryptographicException$/,
    ),
  ]);
});
