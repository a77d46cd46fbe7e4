import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import owin, { type DotnetFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const bound = new Map<string, DotnetFunction>();

function of(name: string): DotnetFunction {
  const found = bound.get(name) ?? owin.func(appPath('Marshalling'), `Marshalling.${name}`);
  bound.set(name, found);
  return found;
}

const functions = (name: string): DotnetFunction => of(`Functions.${name}`);
const streams = (name: string): DotnetFunction => of(`Streams.${name}`);

/** Whether the number of handles comes back to what it was, once both sides have collected. */
async function untilHandles(most: number): Promise<void> {
  for (;;) {
    collect();
    await functions('Collect')();
    await turn();
    if ((await owin.runtime.stats()).handles <= most) return;
  }
}

describe('a function as an argument', () => {
  test('is a delegate of the declared type', async () => {
    const calls: unknown[] = [];
    const result = await functions('CallAll')(
      (text: string, number: number) => `${text}${number}`,
      () => calls.push('none'),
      async (point: { x: number; y: number }) => ({ ...point, x: point.x + 1 }),
    );
    expect(result).toBe('a2 Point { X = 2, Y = 2, Label = none }');
    expect(calls).toEqual(['none']);
  });

  test('is waited for where the delegate returns a value', async () => {
    expect(await functions('Wait')((value: number) => value * 2, 20)).toBe(41);
  });

  test('that returns nothing is called in order, and not waited for', async () => {
    const texts: string[] = [];
    await functions('Post')((text: string) => texts.push(text));
    expect(texts).toEqual(['first', 'second']);
  });

  test('fails .NET with what it throws', async () => {
    const failing = () => Promise.reject(new RangeError('not so'));
    expect(await functions('Failing')(failing)).toBe('JsException: not so');
  });

  test('whose result is of another type fails with its path', async () => {
    const error = await functions('Wait')(() => 'text', 1).catch((error) => error);
    expect(error).toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
    expect(error.message).toContain("the result of the function is the string 'text'");
  });

  test('may be called after the call', async () => {
    await functions('Keep')((value: number) => value + 1);
    expect(await functions('CallKept')(1)).toBe(2);
    await functions('LetGo')();
  });

  test('cannot be waited for within sync', async () => {
    const wait = functions('Wait');
    await wait.ready;
    expect(() => wait.sync((value: number) => value, 1)).toThrow(
      expect.objectContaining({ name: 'OwinError' }),
    );
  });
});

describe('a delegate as a result', () => {
  test('is a function', async () => {
    const add = await functions('Adder')(10);
    expect(await add(1, 2)).toBe(13);
  });

  test('takes functions', async () => {
    const twice = await functions('Twice')();
    expect(await twice((value: number) => value * 10)).toBe(100);
  });

  test('may lie in an object', async () => {
    const { sum, name } = await functions('Members')();
    expect([await sum(2, 3), name]).toEqual([5, 'members']);
  });

  test('is the same one when it comes home, on either side', async () => {
    const own = async (value: number) => value;
    expect(await functions('Same')(own)).toBe(own);
    const add = await functions('Adder')(1);
    expect(await functions('IsSame')(add, add)).toBe(true);
  });

  test('refuses arguments of other types', async () => {
    const add = await functions('Adder')(10);
    await expect(add('a', 2)).rejects.toThrow('$.a');
    await expect(add(1)).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_ARGUMENTS' });
  });
});

describe('a promise', () => {
  test('is a Task, both ways', async () => {
    const both = functions('AwaitBoth');
    expect(await both(Promise.resolve(5), Promise.resolve())).toBe(5);
    const failed = Promise.reject(new TypeError('never'));
    await expect(both(failed, Promise.resolve())).rejects.toThrow('never');
    const tasks = await functions('Tasks')();
    expect(await Promise.all(tasks)).toEqual([1, 2]);
  });
});

async function* numbers(to: number, told: { produced: number; returned: boolean }) {
  try {
    for (let i = 0; i < to; i++) {
      told.produced++;
      yield i;
    }
  } finally {
    told.returned = true;
  }
}

describe('an async iterable as an argument', () => {
  test('is read to its end', async () => {
    const told = { produced: 0, returned: false };
    const list = await streams('Take')(numbers(1000, told), -1);
    expect(list).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test('is read no further than .NET reads, and returned early', async () => {
    const told = { produced: 0, returned: false };
    expect(await streams('Take')(numbers(1_000_000, told), 5)).toEqual([0, 1, 2, 3, 4]);
    while (!told.returned) await turn();
    expect(told.produced).toBeLessThan(16);
  });

  test('that .NET does not read is not begun', async () => {
    const told = { produced: 0, returned: false };
    await streams('Take')(numbers(10, told), 0);
    expect(told).toEqual({ produced: 0, returned: false });
  });

  test('fails .NET with what it throws', async () => {
    async function* failing() {
      yield 1;
      throw new RangeError('no second');
    }
    await expect(streams('Take')(failing(), -1)).rejects.toThrow('no second');
  });

  test('may be any object with an iterator', async () => {
    const told = { produced: 0, returned: false };
    const plain = { [Symbol.asyncIterator]: () => numbers(3, told) };
    expect(await streams('Take')(plain, -1)).toEqual([0, 1, 2]);
  });

  test.each(['ReadAll', 'ReadItems'])(
    'that gives nothing ends when %s is cancelled',
    async (name) => {
      const told = { begun: 0, cancelled: false };
      const read = () => {
        told.begun++;
      };
      const cancel = () => {
        told.cancelled = true;
      };
      const readable = new Readable({ read });
      const web = new ReadableStream({ pull: read, cancel }, { highWaterMark: 0 });
      for (const stream of [readable, web]) {
        told.begun = 0;
        const controller = new AbortController();
        const call = streams(name)(stream, { signal: controller.signal });
        while (told.begun === 0) await turn();
        controller.abort();
        await expect(call).rejects.toMatchObject({ name: 'AbortError' });
      }
      while (!(readable.destroyed && told.cancelled)) await turn();
    },
  );

  test('with an item of another type fails with its path', async () => {
    const error = await streams('Take')(Readable.from(['a']), -1).catch((error) => error);
    expect(error).toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
  });
});

describe('an IAsyncEnumerable as a result', () => {
  test.each([false, true])('is read to its end, slowly: %s', async (slowly) => {
    const items: number[] = [];
    for await (const each of await streams('Count')(1000, slowly)) items.push(each);
    expect(items).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    await streams('Ended')();
  });

  test('is not ahead of its reader, and ends early', async () => {
    const items: number[] = [];
    for await (const each of await streams('Count')(1_000_000, false)) {
      items.push(each);
      if (items.length === 3) break;
    }
    await streams('Ended')();
    expect(await streams('Produced')()).toBeLessThan(10);
  });

  test('fails with what .NET throws', async () => {
    const items: number[] = [];
    const reading = (async () => {
      for await (const each of await streams('FailAfter')(3)) items.push(each);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'System.InvalidOperationException' });
    expect(items).toEqual([0, 1, 2]);
  });
});

describe('a stream of bytes', () => {
  const chunks = [Buffer.alloc(100_000, 1), Buffer.alloc(5, 2)];

  test.each(['Sum', 'SumNow', 'SumOfPipe'])('is read by %s', async (name) => {
    expect(await streams(name)(Readable.from(chunks))).toBe(100_010);
    expect(await streams(name)(new Blob(chunks).stream())).toBe(100_010);
    expect(await streams(name)(chunks[0])).toBe(100_000);
  });

  test.each(['Bytes', 'Pipe'])('is a Readable: %s', async (name) => {
    const readable = await streams(name)(200_000);
    expect(readable).toBeInstanceOf(Readable);
    const bytes = Buffer.concat(await readable.toArray());
    expect(bytes).toEqual(Buffer.from(Array.from({ length: 200_000 }, (_, i) => i)));
  });
});

describe('progress', () => {
  test('is told in order, not each of it, and the last before the result', async () => {
    const told: number[] = [];
    const result = await streams('Work')(10_000, { progress: (step: number) => told.push(step) });
    expect(result).toBe('done');
    expect(told.at(-1)).toBe(10_000);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeLessThan(10_000);
  });

  test('is not told where nobody wants it', async () => {
    expect(await streams('Work')(10)).toBe('done');
  });
});

describe('a signal in a value', () => {
  test('cancels a token of .NET’s', async () => {
    const controller = new AbortController();
    const waiting = streams('AwaitSignal')({ signal: controller.signal, name: 'a' });
    expect(await Promise.race([waiting, turn('waits')])).toBe('waits');
    controller.abort();
    expect(await waiting).toBe('cancelled');
    expect(await streams('AwaitSignal')({ signal: AbortSignal.abort(), name: 'b' })).toBe(
      'cancelled',
    );
  });

  test('is aborted with a token of .NET’s', async () => {
    const { signal } = await streams('GetSignal')();
    expect(signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await streams('Cancel')();
    await aborted;
  });
});

describe('a large buffer', () => {
  test('arrives whole, also where it is a part of a larger one', async () => {
    const echo = of('Echo.Bytes');
    const bytes = Buffer.alloc(1_000_000, 'abc').subarray(3, 900_003);
    const [one, two] = await Promise.all([echo(bytes), echo(Buffer.alloc(20_000, 5))]);
    expect(one.value.equals(bytes)).toBe(true);
    expect(two.value).toEqual(Buffer.alloc(20_000, 5));
  });

  test.each(['MemoryOfBytes', 'Sequence'])('arrives whole through %s', async (name) => {
    const bytes = Buffer.alloc(1_000_000, 'abc');
    expect((await of(`Echo.${name}`)(bytes)).value.equals(bytes)).toBe(true);
  });

  test('that is transferred before it has left is an error', async () => {
    const bytes = new Uint8Array(100_000);
    const call = of('Echo.Bytes')(bytes);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    await expect(call).rejects.toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
  });
});

describe('an event of an object', () => {
  test('is an async iterable', async () => {
    const { Marshalling } = await owin.load(appPath('Marshalling'));
    using source = await Marshalling.Source.new();
    const changes: unknown[] = [];
    const reading = (async () => {
      for await (const change of source.events('changed')) {
        changes.push(change);
        if (changes.length === 3) break;
      }
    })();
    while ((await source.listeners()) === 0) await turn();
    for (let i = 0; i < 3; i++) await source.raise(i);
    await reading;
    expect(changes).toEqual([0, 1, 2]);
    while ((await source.listeners()) > 0) await turn();
  });

  test('that is left while its next one is awaited ends that step', async () => {
    const { Marshalling } = await owin.load(appPath('Marshalling'));
    using source = await Marshalling.Source.new();
    const changes = source.events('changed');
    while ((await source.listeners()) === 0) await turn();
    await source.raise(1);
    expect(await changes.next()).toEqual({ done: false, value: 1 });
    const next = changes.next();
    for (let calls = 0; calls < 3; calls++) await source.listeners();
    await changes.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    const counts = source.events('counted');
    while ((await source.listeners()) === 0) await turn();
    await source.count(1);
    await counts.next();
    const steps = await Promise.all([counts.next(), counts.return?.(), counts.next()]);
    expect(steps.map((step) => step?.done)).toEqual([true, true, true]);
    while ((await source.listeners()) > 0) await turn();
  });

  test('of another name is an error', async () => {
    const { Marshalling } = await owin.load(appPath('Marshalling'));
    using source = await Marshalling.Source.new();
    await expect(source.events('missing').next()).rejects.toThrow('It has: Changed, Counted.');
  });
});

/** Whether a signal is listened to. */
const listened = (signal: AbortSignal): boolean => getEventListeners(signal, 'abort').length > 0;

describe('a signal in a value', () => {
  test('is listened to no more when .NET has its token no more', async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    for (let i = 0; i < 20; i++) await streams('Ignore')({ signal, name: 'a' });
    await untilHandles(0);
    expect(listened(signal)).toBe(false);
    expect(warnings).toEqual([]);
  });

  test('that the call awaits is held, whatever is collected meanwhile', async () => {
    const controller = new AbortController();
    let tell = () => {};
    const collected = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const waiting = streams('AwaitSignalAfter')({ signal: controller.signal }, async () => {
      for (let i = 0; i < 3; i++) {
        collect();
        await functions('Collect')();
      }
      tell();
    });
    await collected;
    for (let i = 0; i < 3; i++) await functions('Collect')();
    expect(listened(controller.signal)).toBe(true);
    controller.abort();
    expect(await waiting).toBe('cancelled');
  });
});

describe('what .NET drops without an end', () => {
  test('is ended when it was begun', async () => {
    const told = { produced: 0, returned: false };
    expect(await streams('Begin')(numbers(1000, told))).toBe(0);
    const readable = Readable.from(['a', 'b', 'c'].map((each) => Buffer.from(each)));
    expect(await streams('BeginBytes')(readable)).toBe(1);
    await untilHandles(0);
    expect([told.returned, readable.destroyed]).toEqual([true, true]);
  });

  test('is destroyed or cancelled when it is a stream nobody has begun to read', async () => {
    const readable = Readable.from(['a']);
    let cancelled = false;
    const web = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const flowing = Readable.from(['a']);
    flowing.on('data', () => {}).pause();
    await streams('IgnoreStream')(readable);
    await streams('IgnoreStream')(web);
    await streams('IgnoreStream')(flowing);
    await untilHandles(0);
    await turn();
    expect([readable.destroyed, cancelled, flowing.destroyed]).toEqual([true, true, false]);
  });

  test('is left alone where the call could not be made, or another one reads it', async () => {
    const readable = Readable.from([Buffer.from([5])]);
    await expect(streams('Sum')(readable, Symbol('bad'))).rejects.toThrow('is a symbol');
    await expect(streams('Sum')(readable, 1)).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_ARGUMENTS',
    });
    expect(await streams('Sum')(readable)).toBe(5);
    await untilHandles(0);
  });

  test('of .NET’s is disposed of when JavaScript has not begun to read it', async () => {
    const before = await streams('Disposed')();
    await streams('Tells')();
    await untilHandles(0);
    await expect.poll(() => streams('Disposed')()).toBe(before + 1);
  });
});

function throwing(): never {
  throw new Error('thrown');
}

test('nothing is held of what both sides have let go of', async () => {
  const { handles } = await owin.runtime.stats();
  for (let i = 0; i < 200; i++) {
    await functions('Adder')(i);
    await functions('Wait')((value: number) => value, 1);
    await functions('Wait')(() => 'no number', 1).catch(() => {});
    await functions('CallAll')(() => 1).catch(() => {});
    await functions('Wait')(throwing, 1).catch(() => {});
  }
  await untilHandles(handles);
});

test('nothing is held of what is in a result that .NET does not read', async () => {
  await functions('PassOver')(() => undefined);
  const result = () => ({ number: 1, call() {}, signal: new AbortController().signal });
  for (let i = 0; i < 200; i++) {
    await functions('PassOver')(result);
    expect(await functions('ReadPart')(result)).toBe(1);
    await expect(functions('Wait')(result as never, 1)).rejects.toThrow('is an object');
  }
  await untilHandles(0);
});

test('nothing is held of a result that cannot cross', async () => {
  await functions('Adder')(1);
  const { handles } = await owin.runtime.stats();
  const result = (() => ({ f() {}, bad: Symbol('bad') })) as never;
  for (let i = 0; i < 200; i++)
    await expect(functions('Wait')(result, 1)).rejects.toThrow('is a symbol');
  await untilHandles(handles);
});
