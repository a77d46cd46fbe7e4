// Here because of what it needs installed: a generator of types, which is not a dependency of this package.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { Program } from '../cli/program.ts';
import { appPath } from '../support/apps.ts';
import { installed } from './tools.ts';

// In the clone, so that `owin` and the types of Node are found by name.
const folder = path.join(import.meta.dirname, '../../build/test/client');
const bare = path.join(import.meta.dirname, '../../build/test/client-bare');

beforeAll(() => {
  for (const each of [folder, bare]) {
    rmSync(each, { recursive: true, force: true });
    mkdirSync(path.join(each, 'node_modules'), { recursive: true });
  }
  for (const name of ['openapi-typescript', 'openapi-fetch', 'typescript'])
    symlinkSync(
      path.join(installed('generators'), name),
      path.join(folder, 'node_modules', name),
      'junction',
    );
}, 300_000);

async function client(app: string, ...args: string[]) {
  const program = new Program(['client', app, '--out', folder, ...args]);
  const { code } = await program.exit();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder });

test('a client of the app is typed, and asks it without a socket', async () => {
  const { code, stderr, stdout } = await client(appPath('AspNetOpenApi'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('AspNetOpenApi.client.mjs');

  writeFileSync(path.join(folder, 'usage.mts'), usage);
  writeFileSync(path.join(folder, 'tsconfig.json'), tsconfig);
  const compiled = await run('node_modules/typescript/bin/tsc', '-p', '.').catch((error) => error);
  expect(compiled.stdout).toBe('');

  const { stdout: said } = await run('usage.mjs', appPath('AspNetOpenApi'));
  expect(JSON.parse(said)).toEqual({
    created: { id: 2, customer: 'Grace', articles: ['tea'], note: null },
    found: 'Grace',
    missing: 404,
    sockets: 0,
  });
}, 120_000);

const tsconfig = JSON.stringify({
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', lib: ['es2023', 'esnext.disposable', 'dom'] },
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ verbatimModuleSyntax: true, types: ['node'], skipLibCheck: false },
  },
  include: ['*.mts'],
});

const usage = `
import { owin } from 'owin';
import { createClient } from './AspNetOpenApi.client.mjs';

// Nothing but the answer that is due keeps the process, from before .NET is there.
await using handler = owin(process.argv[2] as string, { log: () => {} });
const api = createClient(handler);
const { data: created } = await api.POST('/orders', { body: { customer: 'Grace', articles: ['tea'] } });
const { data: order } = await api.GET('/orders/{id}', { params: { path: { id: 2 } } });
const customer: string | undefined = order?.customer;
const { response } = await api.GET('/orders/{id}', { params: { path: { id: 7 } } });

// @ts-expect-error no such path
api.GET('/order/{id}', { params: { path: { id: 1 } } }).catch(() => {});
if (process.argv.length > 9) {
  // @ts-expect-error the id is needed
  await api.GET('/orders/{id}');
  // @ts-expect-error articles are texts
  await api.POST('/orders', { body: { customer: 'Grace', articles: [1] } });
}
const { sockets } = await owin.runtime.stats();
console.log(JSON.stringify({ created, found: customer, missing: response.status, sockets }));
`;

test('a document that is elsewhere, or not served: what came instead, and what to do', async () => {
  const production = await client(appPath('AspNetOpenApi'), '--env', 'Production');
  expect(production.code).toBe(1);
  expect(production.stderr).toMatch(
    /answered 404 to GET \/openapi\/v1\.json in the environment Production/,
  );
  expect(production.stderr).toContain('app.MapOpenApi()');

  const other = await client(appPath('AspNetOpenApi'), '--document', '/text');
  expect(other.code).toBe(1);
  expect(other.stderr).toContain(
    'What the app serves at /text is no OpenAPI document of version 3',
  );
  expect(other.stderr).toContain('"text"');
});

test('no generator: what is missing, and how to install it', async () => {
  const program = new Program(['client', appPath('AspNetOpenApi'), '--out', bare]);
  expect((await program.exit()).code).toBe(1);
  expect(program.stderr).toContain('npm install -D openapi-typescript@7 typescript@5');
  expect(program.stderr).toMatch(/openapi-typescript, openapi-fetch is not installed/);
});

test('no such app, no such folder', async () => {
  const app = await client(appPath('AspNetOpenApi').replace('OpenApi.dll', 'OpenApy.dll'));
  expect(app.code).toBe(1);
  expect(app.stderr).toContain('Did you mean AspNetOpenApi.dll?');
  const nowhere = new Program(['client', appPath('AspNetOpenApi'), '--out', `${folder}/no`]);
  expect((await nowhere.exit()).code).toBe(1);
  expect(nowhere.stderr).toContain('Make it, or name another one with --out.');
});

test('the types of the document are those of the generator', () => {
  const types = readFileSync(path.join(folder, 'AspNetOpenApi.openapi.d.mts'), 'utf8');
  expect(types).toContain('"/orders/{id}": {');
});
