// Functions in the style of edge-js: one payload in, one result out, callbacks or promises. docs/migrating-from-edge.md
// says what differs.
import path from 'node:path';
import { OwinError } from '../errors.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { type AppSource, absolute } from '../hosting/source.ts';
import { assemblyOf, Bound } from './bound.ts';
import { type Dialect, ValueRule } from './dialect.ts';

/** What `owin.func()` takes in the style of edge-js. */
export interface EdgeOptions {
  /**
   * C#: the text of a file with a class `Startup`, a lambda (`async (dynamic input) => …`), a function whose body is a
   * comment with either, or the path of a `.cs` or `.csx` file.
   */
  source?: string | (() => void);
  /** Path of an assembly, instead of `source`. */
  assemblyFile?: string;
  /** The class. Default: `Startup`; of an assembly `<its name>.Startup`. */
  typeName?: string;
  /** The method, of the type `Func<object, Task<object>>`. Default `Invoke`. */
  methodName?: string;
  /** Paths of further assemblies that the source uses. Default: none. */
  references?: string[];
}

type Callback = (error: unknown, result?: unknown) => void;

/** A function in the style of edge-js: gives a promise, or calls back where it gets a callback. */
export type EdgeFunction = (payload?: unknown, callback?: Callback) => Promise<unknown> | undefined;

const dialect: Dialect = {
  rules: ValueRule.integers | ValueRule.expando | ValueRule.clrNames,
  fromJs: (call) => (payload: unknown) => calledBack(call as unknown as EdgeFunction, payload),
  toJs: (call) => (payload: unknown, callback?: Callback) =>
    settle(payload === undefined ? call(null) : call(payload), callback),
};

/** Whether these are arguments in the style of edge-js. */
export function isEdge(source: unknown, name: unknown): source is EdgeOptions | (() => void) {
  if (typeof source === 'function') return true;
  return typeof source === 'object' && source !== null && typeof name !== 'string';
}

/** @throws OwinError `ERR_OWIN_OPTION` */
export function createEdgeFunction(given: EdgeOptions | (() => void)): EdgeFunction {
  const options = typeof given === 'function' ? { source: given } : given;
  checkOptions('owin.func()', options, {
    source: (value) =>
      typeof value === 'string' || typeof value === 'function' ? undefined : 'C# as text',
    assemblyFile: 'string',
    typeName: 'string',
    methodName: 'string',
    references: (value) => (Array.isArray(value) ? undefined : 'an array of paths'),
  });
  const { type, source } = sourceOf(options);
  const name = `${options.typeName ?? type}.${options.methodName ?? 'Invoke'}`;
  const bound = new Bound(assemblyOf(absolute(source)), name, {}, undefined, dialect);
  return (payload, callback) => {
    if (callback !== undefined && typeof callback !== 'function')
      throw new OwinError(
        'ERR_OWIN_OPTION',
        `A function in the style of edge-js takes a callback as its second argument, not ${describe(callback)}: calls are never synchronous.`,
      );
    return settle(bound.call([payload ?? null]), callback);
  };
}

function sourceOf(options: EdgeOptions): { type: string; source: AppSource } {
  const { assemblyFile, references = [] } = options;
  if (assemblyFile !== undefined)
    return { type: `${path.parse(assemblyFile).name}.Startup`, source: assemblyFile };
  if (options.source === undefined)
    throw new OwinError('ERR_OWIN_OPTION', 'owin.func() takes source or assemblyFile.');
  const text = typeof options.source === 'function' ? comment(options.source) : options.source;
  if (/\.csx?$/i.test(text) && !text.includes('\n')) return { type: 'Startup', source: text };
  return { type: 'Startup', source: { source: wholeFile(text), references } };
}

// `function () {/* C# */}`
function comment(holder: () => void): string {
  const found = /\/\*([\s\S]*)\*\//.exec(String(holder));
  if (!found)
    throw new OwinError('ERR_OWIN_OPTION', 'The function for owin.func() has no comment with C#.');
  return found[1] as string;
}

// A lambda becomes the body of the class that a file would have.
function wholeFile(text: string): string {
  if (/\bclass\s+\w+/.test(text)) return text;
  const usings = text.match(/^\s*using\s+[\w.]+\s*;/gm) ?? [];
  const lambda = text.replace(/^\s*using\s+[\w.]+\s*;/gm, '').trim();
  return `${usings.join('\n')}
using System; using System.Collections.Generic; using System.Linq; using System.Threading.Tasks;
public class Startup
{
    static readonly Func<object, Task<object>> lambda = ${lambda.replace(/;$/, '')};
    public Task<object> Invoke(object input) => lambda(input);
}`;
}

function settle(
  result: Promise<unknown>,
  callback: Callback | undefined,
): Promise<unknown> | undefined {
  if (!callback) return result;
  result.then(
    (value) => process.nextTick(callback, null, value),
    (error) => process.nextTick(callback, error),
  );
  return undefined;
}

// A function of JavaScript's takes a callback; one that returns a promise needs not call it.
function calledBack(call: EdgeFunction, payload: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = call(payload, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}
