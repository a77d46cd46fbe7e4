import path from 'node:path';
import type { App } from './app.ts';
import { flatten } from './configuration.ts';
import { describe } from './options.ts';

/** What kind of app .NET is to look for: the option `kind`. */
export type AppKind = 'auto' | 'owin' | 'katana' | 'aspnetcore' | 'messageHandler';

const KINDS: readonly AppKind[] = ['auto', 'owin', 'katana', 'aspnetcore', 'messageHandler'];

/** The fields of the command `load`; dotnet/Owin.Host/Hosting/LoadFields.cs reads them. */
export function loadFields(id: number, assembly: string, app: App): string[] {
  const { type, method, startup, startTimeout, unloadable, kind } = app.options;
  const { args, contentRoot, configuration } = app.options;
  const { env, cpuBound } = app.options;
  return [
    String(id),
    assembly,
    type,
    method,
    startup,
    String(startTimeout),
    String(unloadable),
    String(app.log !== undefined),
    kind,
    environmentName(env),
    contentRoot ? path.resolve(contentRoot) : variable('CONTENTROOT'),
    String(cpuBound),
    ...list(args),
    ...list(flatten(configuration)),
    ...(isDevelopment(env) ? ['host.AppMode', 'development'] : []),
  ];
}

// .NET would see the process's environment as it was when .NET started.
const variable = (name: string): string =>
  process.env[`ASPNETCORE_${name}`] || process.env[`DOTNET_${name}`] || '';

const environmentName = (given: string): string => given || variable('ENVIRONMENT') || 'Production';

const isDevelopment = (given: string): boolean =>
  (given || process.env['NODE_ENV'])?.toLowerCase() === 'development';

const list = (texts: readonly string[]): string[] => [String(texts.length), ...texts];

/** Says what the option `kind` takes when it is something else. */
export const checkKind = (value: unknown): string | undefined =>
  KINDS.includes(value as AppKind) ? undefined : KINDS.map((each) => `'${each}'`).join(' or ');

/** Says what the option `args` takes when it is something else. */
export function checkArgs(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'an array of strings';
  const wrong = value.find((each) => typeof each !== 'string');
  return wrong === undefined && !value.includes(undefined)
    ? undefined
    : `strings (${describe(wrong)} is none)`;
}
