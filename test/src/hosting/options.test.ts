import owin, { OwinError } from 'owin';
import { afterAll, describe, expect, test } from 'vitest';
import { appPath } from '../../support/apps.ts';

const start = owin.runtime.start as (options: unknown) => unknown;
const handler = owin as (...args: unknown[]) => unknown;

/** The message of the option error that `call` throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(OwinError);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as OwinError).code).toBe('ERR_OWIN_OPTION');
    return (error as OwinError).message;
  }
  throw new Error('nothing was thrown');
}

describe('owin.runtime.start()', () => {
  test.each([
    [
      { dotnetroot: '/' },
      "owin.runtime.start() has no option 'dotnetroot'. Did you mean 'dotnetRoot'?",
    ],
    [{ gcc: {} }, "owin.runtime.start() has no option 'gcc'. Did you mean 'gc'?"],
    [
      { gc: { sever: true } },
      "owin.runtime.start({ gc }) has no option 'sever'. Did you mean 'server'?",
    ],
    [
      { gc: { gen0maxBuget: 1 } },
      "owin.runtime.start({ gc }) has no option 'gen0maxBuget'. Did you mean 'gen0MaxBudget'?",
    ],
    [
      { culture: 'x' },
      "owin.runtime.start() has no option 'culture'. It has: dotnetRoot, gc, functions, invariantGlobalization, waitForDebugger.",
    ],
  ])('names the nearest option of %o', (options, message) => {
    expect(refusal(() => start(options))).toBe(message);
  });

  test.each([
    [{ dotnetRoot: 5 }, "The option 'dotnetRoot' of owin.runtime.start() takes a string, not 5."],
    [
      { invariantGlobalization: 'yes' },
      'The option \'invariantGlobalization\' of owin.runtime.start() takes a boolean, not "yes".',
    ],
    [{ gc: true }, "The option 'gc' of owin.runtime.start() takes an object, not true."],
    [{ gc: [] }, 'owin.runtime.start({ gc }) takes its options as an object, not an array.'],
    [
      { gc: { server: 1 } },
      "The option 'server' of owin.runtime.start({ gc }) takes a boolean, not 1.",
    ],
    [
      { gc: { heapHardLimit: 0 } },
      "The option 'heapHardLimit' of owin.runtime.start({ gc }) takes a number of bytes, not 0.",
    ],
    [
      { gc: { heapHardLimit: 1.5 } },
      "The option 'heapHardLimit' of owin.runtime.start({ gc }) takes a number of bytes, not 1.5.",
    ],
    [
      { gc: { gen0MaxBudget: '4MB' } },
      'The option \'gen0MaxBudget\' of owin.runtime.start({ gc }) takes a number of bytes, not "4MB".',
    ],
    [null, 'owin.runtime.start() takes its options as an object, not null.'],
    ['server', 'owin.runtime.start() takes its options as an object, not "server".'],
  ])('says what it takes instead of %o', (options, message) => {
    expect(refusal(() => start(options))).toBe(message);
  });
});

describe('owin()', () => {
  const app = appPath('Kitchen');

  test.each([
    [undefined, 'undefined'],
    ['', '""'],
    [5, '5'],
    [{}, 'an object'],
    [null, 'null'],
  ])('refuses %o as a source', (source, described) => {
    expect(refusal(() => handler(source))).toBe(
      `owin() takes the path of a .NET assembly, C# file, project or folder, or { source: 'C#' }, as its first argument, not ${described}.`,
    );
  });

  test.each([
    [{ tpye: 'X' }, "owin() has no option 'tpye'. Did you mean 'type'?"],
    [{ trustproxy: true }, "owin() has no option 'trustproxy'. Did you mean 'trustProxy'?"],
    [{ type: 5 }, "The option 'type' of owin() takes a string, not 5."],
    [{ trustProxy: 1 }, "The option 'trustProxy' of owin() takes a boolean, not 1."],
    [
      { kind: 'aspnet' },
      "The option 'kind' of owin() takes 'auto' or 'owin' or 'katana' or 'aspnetcore' or 'messageHandler', not \"aspnet\".",
    ],
    [{ env: true }, "The option 'env' of owin() takes a string, not true."],
    [{ args: '--a' }, 'The option \'args\' of owin() takes an array of strings, not "--a".'],
    [{ args: ['a', 1] }, "The option 'args' of owin() takes strings (1 is none), not an array."],
    [
      { configuration: { a: () => 0 } },
      "The option 'configuration' of owin() takes texts, numbers, booleans, dates, null, and objects and arrays of these (a is a function), not an object.",
    ],
    [{ errors: 500 }, "The option 'errors' of owin() takes 'next' or '500', not 500."],
    [{ limits: 5 }, "The option 'limits' of owin() takes an object, not 5."],
    [{ limits: [] }, 'owin({ limits }) takes its options as an object, not an array.'],
    [
      { limits: { requestTimout: 5 } },
      "owin({ limits }) has no option 'requestTimout'. Did you mean 'requestTimeout'?",
    ],
    [
      { limits: { maxConcurrentRequests: 0 } },
      "The option 'maxConcurrentRequests' of owin({ limits }) takes a number from 1, or Infinity, not 0.",
    ],
    [
      { limits: { queueLimit: -1 } },
      "The option 'queueLimit' of owin({ limits }) takes a number from 0, or Infinity, not -1.",
    ],
    [
      { limits: { maxRequestBodySize: '1mb' } },
      'The option \'maxRequestBodySize\' of owin({ limits }) takes a number of bytes, or Infinity, not "1mb".',
    ],
    ...['requestTimeout', 'receiveTimeout', 'sendTimeout', 'drainTimeout'].flatMap((name) =>
      [-1, Number.NaN, Infinity, 2 ** 31, '5s'].map((value): [object, string] => [
        { limits: { [name]: value } },
        `The option '${name}' of owin({ limits }) takes a number of milliseconds from 0 to 2147483647, not ${typeof value === 'string' ? JSON.stringify(value) : value}.`,
      ]),
    ),
    [{ buffering: true }, "The option 'buffering' of owin() takes an object, not true."],
    [
      { buffering: { respones: 'buffer' } },
      "owin({ buffering }) has no option 'respones'. Did you mean 'response'?",
    ],
    [
      { buffering: { request: true } },
      "The option 'request' of owin({ buffering }) takes 'stream' or 'buffer', not true.",
    ],
    [
      { buffering: { response: 'whole' } },
      "The option 'response' of owin({ buffering }) takes 'stream' or 'buffer' or a function, not \"whole\".",
    ],
    [
      { buffering: { maxBuffer: -1 } },
      "The option 'maxBuffer' of owin({ buffering }) takes a number of bytes from 0, not -1.",
    ],
    ['Startup', 'owin() takes its options as an object, not "Startup".'],
  ])('refuses the options %o', (options, message) => {
    expect(refusal(() => handler(app, options))).toBe(message);
  });
});

afterAll(() => {
  // A wrong option starts nothing.
  expect(owin.runtime.info()).toEqual({ state: 'idle' });
});
