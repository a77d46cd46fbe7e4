import { errorTable, type OwinErrorCode } from './errors.generated.ts';
import { isOfException, keptThrown } from './functions/thrown-errors.ts';
import type { Diagnostic } from './hosting/diagnostics.ts';

export type { OwinErrorCode };

/** A place where .NET was looked for, and what was there. */
export interface ProbedPlace {
  /** What named the place: `option dotnetRoot`, `DOTNET_ROOT`, `PATH`, … */
  source: string;
  /** The place; empty when the source named none. */
  path: string;
  /** What was found there. */
  outcome: string;
}

/**
 * An error of owin's own. Match on `code`: `docs/errors.md` lists them all, with what to do. Works across several
 * copies of the package: `error instanceof OwinError` asks for the mark, not for the class.
 */
export class OwinError extends Error {
  /** One of the `ERR_OWIN_*` codes. */
  readonly code: OwinErrorCode;
  /** Every place where .NET was looked for, on errors of the runtime's start. */
  declare probed?: ProbedPlace[];
  /** What the compiler or the build said, on `ERR_OWIN_COMPILE`. */
  declare diagnostics?: Diagnostic[];
  /** The last 8,192 characters that an app wrote to the console before it failed to start; errors of its own have it, too. */
  declare output?: string;

  /**
   * @param code the code; its message template is filled with `detail`
   * @param detail what happened, where it looked, what was there
   * @param options `cause`: the error that led to this one
   */
  constructor(code: OwinErrorCode, detail = '', options?: ErrorOptions) {
    super(
      errorTable[code].message.replace('{detail}', () => detail),
      options,
    );
    this.code = code;
    if (errorTable[code].base === 'TypeError') Object.setPrototypeOf(this, typeErrorPrototype);
    Object.defineProperty(this, 'name', { value: 'OwinError', configurable: true, writable: true });
    Object.defineProperty(this, mark, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && mark in value;
  }
}

const mark = Symbol.for('owin.OwinError');
const typeErrorPrototype = Object.create(TypeError.prototype, {
  constructor: { value: OwinError },
});

/** Fields of one error in an error frame: dotnet/Owin.Host/ErrorFields.cs writes them. */
export const FIELDS_PER_ERROR = 9;
const DATA_SEPARATOR = '\u001f';

/** Builds the error that .NET described; its causes and inner errors hang below it. */
export function readError(fields: string[]): Error {
  const ancestors: Error[] = [];
  for (let i = 0; i + FIELDS_PER_ERROR <= fields.length; i += FIELDS_PER_ERROR) {
    const [depth, relation, name, message, stack, code, hresult, data, number] = fields.slice(
      i,
    ) as [string, string, string, string, string, string, string, string, string];
    const kept = keptThrown(Number(number))?.error;
    const error =
      kept instanceof Error ? kept : createError(name, message, stack, code, Number(hresult));
    if (Number(number) > 0) isOfException(error, Number(number));
    if (data) defineHidden(error, 'data', readData(data));
    // Not deeper than one below the error before it, whatever the field says.
    ancestors.length = Math.min(Number(depth) >>> 0, ancestors.length);
    const parent = ancestors.at(-1);
    if (parent && relation === 'cause') defineHidden(parent, 'cause', error);
    else if (parent) innerErrors(parent).push(error);
    ancestors.push(error);
  }
  return ancestors[0] ?? new OwinError('ERR_OWIN_PROTOCOL', '.NET sent an error without fields.');
}

/** What .NET's exception had in Data: texts by their names. */
function readData(text: string): Record<string, string> {
  const [, ...parts] = text.split(DATA_SEPARATOR);
  const pairs = parts.flatMap((name, i) => (i % 2 === 0 ? [[name, parts[i + 1] ?? '']] : []));
  return Object.fromEntries(pairs);
}

function innerErrors(parent: Error): unknown[] {
  if (!('errors' in parent)) defineHidden(parent, 'errors', []);
  return (parent as AggregateError).errors;
}

function createError(
  name: string,
  message: string,
  stack: string,
  code: string,
  hresult: number,
): Error {
  let error: Error;
  if (Object.hasOwn(errorTable, code)) {
    error = new OwinError(code as OwinErrorCode);
    error.message = errorTable[code as OwinErrorCode].message.replace('{detail}', () => message);
  } else {
    error = new Error(message);
    defineHidden(error, 'name', name);
    defineHidden(error, 'hresult', hresult);
  }
  defineHidden(
    error,
    'stack',
    [`${error.name}: ${error.message}`, stack].filter(Boolean).join('\n'),
  );
  return error;
}

function defineHidden(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
