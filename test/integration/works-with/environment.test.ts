// Where the name of an ASP.NET Core app's environment and its content root come from, step by step; and its arguments,
// which come above them as they do under Kestrel.
import path from 'node:path';
import type { AppOptions } from 'owin';
import { afterEach, describe, expect, test } from 'vitest';
import { appPath } from '../../support/apps.ts';
import { features } from '../../support/both.ts';
import { load } from '../../support/load.ts';

const names = ['ASPNETCORE', 'DOTNET'].flatMap((prefix) => [
  `${prefix}_ENVIRONMENT`,
  `${prefix}_CONTENTROOT`,
]);
const before = names.map((name) => [name, process.env[name]] as const);
const restore = () => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
};
afterEach(restore);

type Variables = Record<string, string>;

/** Name, environment and content root of the app that is started with these variables. */
async function started(dll: string, variables: Variables, options: AppOptions): Promise<string[]> {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables);
  const handler = load(dll, { log: () => {}, ...options });
  await handler.ready;
  const text = await (await handler.fetch(new Request('http://app/environment'))).text();
  return text.split('\n').slice(0, 3);
}

const life = (variables: Variables, options: AppOptions = {}) =>
  started(appPath('AspNetLife'), variables, options);
const hosts = (shape: string, variables: Variables, options: AppOptions = {}) =>
  started(appPath('AspNetHosts'), variables, {
    ...options,
    args: ['--shape', shape, ...(options.args ?? [])],
  });

describe('the environment is', () => {
  const both = { ASPNETCORE_ENVIRONMENT: 'Asp', DOTNET_ENVIRONMENT: 'Net' };
  test.each<[string, Variables, AppOptions]>([
    ['Option', both, { env: 'Option' }],
    ['Asp', both, {}],
    ['Net', { DOTNET_ENVIRONMENT: 'Net' }, {}],
    ['Net', { ASPNETCORE_ENVIRONMENT: '', DOTNET_ENVIRONMENT: 'Net' }, {}],
    ['Production', {}, {}],
    ['Argument', both, { env: 'Option', args: ['--environment=Argument'] }],
  ])('%s with %j and %j', async (expected, variables, options) => {
    expect((await life(variables, options))[1]).toBe(expected);
  });
});

describe('the content root is', () => {
  const [one, two, three] = ['Controllers', 'Pages', 'Views'].map((each) =>
    path.join(features.folder, each),
  ) as [string, string, string];
  const both = { ASPNETCORE_CONTENTROOT: one, DOTNET_CONTENTROOT: two };
  test.each<[string, Variables, AppOptions]>([
    [three, both, { contentRoot: three }],
    [one, both, {}],
    [two, { DOTNET_CONTENTROOT: two }, {}],
    [two, { ASPNETCORE_CONTENTROOT: '', DOTNET_CONTENTROOT: two }, {}],
    [one, { DOTNET_CONTENTROOT: two }, { contentRoot: three, args: [`--contentRoot=${one}`] }],
  ])('%s with %j and %j', async (expected, variables, options) => {
    expect((await life(variables, options))[2]).toBe(expected);
  });
});

describe('CreateEmptyBuilder asks nothing but the arguments it is given:', () => {
  test('the current directory, and Production', async () => {
    const variables = { ASPNETCORE_ENVIRONMENT: 'Asp', ASPNETCORE_CONTENTROOT: features.folder };
    const found = await hosts('no-server', variables, { env: 'Option' });
    expect(found).toEqual(['AspNetHosts', 'Production', process.cwd()]);
  });

  test('what they say', async () => {
    const args = ['--environment=Argument', `--contentRoot=${features.folder}`];
    const found = await hosts('no-server', {}, { args });
    expect(found).toEqual(['AspNetHosts', 'Argument', features.folder]);
  });
});
