import owin, { type DotnetFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const func = (name: string): DotnetFunction => owin.func(appPath('Work'), `Acme.${name}`);

async function failure(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return call.then(
    () => expect.unreachable('It was to fail.'),
    (error) => error,
  );
}

describe('an exception', () => {
  test('has the name, message and cause of .NET’s', async () => {
    const error = await failure(func('Failures.Caused')());
    expect(error).toMatchObject({ name: 'System.InvalidOperationException', message: 'outer' });
    expect(error.cause).toMatchObject({ name: 'System.ArgumentException' });
    expect((error.cause as Error).message).toContain('inner');
  });

  test('has frames of .NET with file and line, and behind them who called', async () => {
    const fails = func('Calls.Fails');
    await fails.ready;
    const error = await failure(callSite(fails));
    const lines = (error.stack as string).split('\n');
    const net = lines.findIndex((line) => /Acme\.Calls\.Fails.*Calls\.cs:line \d+/.test(line));
    const js = lines.findIndex((line) => /at (async )?callSite .*func-errors\.test\.ts/.test(line));
    expect(net).toBeGreaterThan(0);
    expect(js).toBeGreaterThan(net);
  });

  test('of several has them all', async () => {
    const error = await failure(func('Failures.Several')());
    expect(error.name).toBe('System.AggregateException');
    expect(error['errors']).toMatchObject([{ message: 'one' }, { message: 'two' }]);
  });

  test('of cancellation that nobody asked for is .NET’s', async () => {
    const error = await failure(func('Failures.Cancelled')());
    expect(error.name).toBe('System.Threading.Tasks.TaskCanceledException');
  });
});

describe('an error that crosses twice', () => {
  test.each([new RangeError('mine'), 'a text', undefined])(
    'of JavaScript’s is %s again',
    async (mine) => {
      const thrower = async () => {
        throw mine;
      };
      await expect(
        func('Failures.Through')(thrower).then(
          () => 'nothing',
          (error) => [error],
        ),
      ).resolves.toEqual([mine]);
      const error = await func('Failures.Through')(thrower).catch((error) => error);
      expect(error).toBe(mine);
    },
  );

  test('of JavaScript’s has its own stack', async () => {
    const mine = new RangeError('mine');
    const { stack } = mine;
    await failure(func('Failures.Through')(async () => Promise.reject(mine)));
    expect(mine.stack).toBe(stack);
  });

  test('of JavaScript’s is the cause of an exception around it', async () => {
    const mine = new RangeError('mine');
    const error = await failure(func('Failures.Around')(async () => Promise.reject(mine)));
    expect(error).toMatchObject({ name: 'System.InvalidOperationException', message: 'around' });
    expect(error.cause).toBe(mine);
  });

  test('of .NET’s is the exception again', async () => {
    const again = async (fails: () => Promise<void>) => fails();
    expect(await func('Failures.ComesBack')(again)).toBe(true);
  });
});

async function callSite(fails: DotnetFunction): Promise<void> {
  await fails('here');
}

describe('progress that cannot cross', () => {
  const progress = () => {};

  test.each([0, 1, 2])('is an error of the call, after %i that could', async (before) => {
    const call = func('Failures.ReportsType')(before, { progress });
    await expect(call).rejects.toMatchObject({
      code: 'ERR_OWIN_MARSHAL',
      message: expect.stringMatching(/^the progress /),
    });
  });

  test('is one as well where it waited to be told', async () => {
    const seen: unknown[] = [];
    const call = func('Failures.ReportsTypes')({ progress: (value: unknown) => seen.push(value) });
    await expect(call).rejects.toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
    expect(seen).toContain('begun');
  });
});

describe('a result', () => {
  test('that is no Task where one was declared is an error', async () => {
    await expect(func('Failures.NullTask')()).rejects.toMatchObject({ code: 'ERR_OWIN_NULL_TASK' });
  });

  test('that cannot cross is an error, with its path', async () => {
    for (const name of ['CannotCross', 'CannotCrossLater']) {
      const error = await failure(func(`Failures.${name}`)());
      expect(error).toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
      expect(error.message).toMatch(/^\$ /);
    }
  });
});
