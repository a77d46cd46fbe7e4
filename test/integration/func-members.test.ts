import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const { Acme } = await owin.load(appPath('Work'));
const { Shelf, Counter, Limits } = Acme.Members;

describe('a property of an object', () => {
  test('is read by calling it, and written by set', async () => {
    using shelf = await Shelf.new();
    expect([await shelf.count(), await shelf.width()]).toEqual([2, 1.5]);
    await shelf.add();
    await shelf.width.set(2);
    expect([await shelf.count(), await shelf.width()]).toEqual([3, 2]);
    expect([shelf.count.sync(), shelf.width.sync()]).toEqual([3, 2]);
    await shelf.width.set(4);
    shelf.width.set.sync(5);
    expect(await shelf.width()).toBe(5);
  });

  test('that cannot be written has no set; one that cannot be read says so', async () => {
    using shelf = await Shelf.new();
    for (const name of ['count', 'fixed', 'name', 'later']) expect(shelf[name].set).toBeUndefined();
    await shelf.secret.set('known');
    expect(await shelf.note()).toBe('known');
    await expect(shelf.secret()).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_NOT_FOUND',
      message: 'Acme.Members.Shelf has no public getter of Secret.',
    });
    expect(shelf.item).toBeUndefined();
  });

  test('fails with what it throws, and with the path of a value of another type', async () => {
    using shelf = await Shelf.new();
    await expect(shelf.broken()).rejects.toMatchObject({ message: 'no such thing' });
    await expect(shelf.width.set('wide')).rejects.toMatchObject({
      code: 'ERR_OWIN_MARSHAL',
      message: expect.stringMatching(/^\$\.value is the string 'wide'/),
    });
    await expect(shelf.width.set()).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_ARGUMENTS' });
  });

  test('that is a Task is awaited', async () => {
    using shelf = await Shelf.new();
    expect(await shelf.later()).toBe(2);
  });

  test('of a disposed object is not read', async () => {
    const shelf = await Shelf.new();
    shelf.dispose();
    await expect(shelf.count()).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_CLOSED' });
  });
});

describe('a field', () => {
  test('is a property', async () => {
    using shelf = await Shelf.new('b');
    expect(await shelf.name()).toBe('b');
    await shelf.note.set('written');
    expect(await shelf.note()).toBe('written');
    using counter = await Counter.new(5);
    await counter.step();
    await counter.value.set((await counter.value()) + 1);
    expect(await counter.value()).toBe(7);
  });
});

describe('the static side', () => {
  test('has properties, fields and constants', async () => {
    await Shelf.label.set('shelves');
    expect(await Shelf.label()).toBe('shelves');
    await Shelf.made.set(10);
    (await Shelf.new()).dispose();
    expect(await Shelf.made()).toBe(11);
    expect(await Shelf.large()).toBe(2n ** 60n);
    expect([await Shelf.most(), await Shelf.nothing(), await Shelf.mode()]).toEqual([
      12,
      null,
      'Write',
    ]);
    expect([Shelf.most.set, Shelf.large.set]).toEqual([undefined, undefined]);
    expect(await Limits.half()).toBe(0.5);
    expect(Limits.half.sync()).toBe(0.5);
  });
});

describe('an object of await using', () => {
  test('is disposed of when the block has ended, as .NET would', async () => {
    {
      await using shelf = await Shelf.new();
      await shelf.add();
    }
    expect(await Shelf.ended()).toBe('awaited');
    {
      using shelf = await Shelf.new();
      await shelf.add();
    }
    await expect.poll(() => Shelf.ended()).toBe('at once');
  });

  test('rejects with what that throws, and does it once', async () => {
    const shelf = await Shelf.new();
    await shelf.note.set('fail');
    const ended = shelf[Symbol.asyncDispose]();
    expect(shelf[Symbol.asyncDispose]()).toBe(ended);
    await expect(ended).rejects.toMatchObject({ message: 'cannot end' });
    await expect(shelf.count()).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_CLOSED' });
  });

  test('waits for its calls', async () => {
    const { Hasher } = Acme.Hashing;
    const hasher = await Hasher.new();
    const appended = hasher.appendLater(Buffer.from('a'));
    await hasher[Symbol.asyncDispose]();
    await expect(appended).resolves.toBeUndefined();
    expect(await Hasher.openCount()).toBe(0);
  });
});
