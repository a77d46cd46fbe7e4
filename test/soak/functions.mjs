// Calls of functions in the server under soak. Each kind makes some and throws when they went otherwise than they must.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import owin from 'owin';

const app = (name) => fileURLToPath(new URL(`../apps/${name}/bin/${name}.dll`, import.meta.url));
const work = (name) => owin.func(app('Work'), `Acme.${name}`);
const marshalling = (name) => owin.func(app('Marshalling'), `Marshalling.${name}`);

const bytes = randomBytes(200_000);
const digest = createHash('sha256').update(bytes).digest('hex');
const numbers = [1, 2, 3, 4, 5];

const hash = work('Hashing.Sha256.Hash');
const echo = work('Calls.Bytes');
const add = work('Calls.Add');
const fails = work('Calls.Fails');
const waits = work('Calls.WaitForCancellation');
const several = work('Failures.Several');
const through = work('Failures.Through');
const comesBack = work('Failures.ComesBack');
const adder = marshalling('Functions.Adder');
const same = marshalling('Functions.Same');
const take = marshalling('Streams.Take');
const failAfter = marshalling('Streams.FailAfter');
const sum = marshalling('Streams.Sum');
const stream = marshalling('Streams.Bytes');
const reports = marshalling('Streams.Work');
const { Hashing, Members } = (await owin.load(app('Work'))).Acme;
const { Source } = (await owin.load(app('Marshalling'))).Marshalling;
const worker = owin.worker(app('Marshalling'));
const edge = owin.func({
  source: `
    using System;
    async (dynamic input) => await ((Func<object, Task<object>>)input.back)(input.value)`,
});
const sql = owin.sql({ connectionString: 'Data Source=:memory:' });
await sql`CREATE TABLE counted (number INTEGER)`;
for (const each of numbers) await sql`INSERT INTO counted VALUES (${each})`;
const shelf = await Members.Shelf.new('shelf');
await Promise.all([shelf.width(), shelf.width.set(2), add.ready, fails.ready]);
shelf.dispose();

async function appended() {
  const hasher = await Hashing.Hasher.new();
  await hasher.append(bytes);
  assert.equal(await hasher.finish(), digest);
  return hasher;
}

async function* counted(left, closed) {
  try {
    for (const each of numbers) yield each;
    while (left-- > 0) yield 0;
  } finally {
    closed();
  }
}

async function collected(iterable) {
  const items = [];
  for await (const each of iterable) items.push(each);
  return items;
}

export const kinds = {
  async buffers() {
    assert.equal(await hash(bytes), digest);
    assert.ok((await echo(bytes)).equals(bytes), 'other bytes');
  },
  async callbacks() {
    const double = await same(async (value) => value * 2);
    assert.equal(await double(21), 42);
    const sumOf = await adder(1);
    assert.equal(await sumOf(2, 3), 6);
  },
  async signals() {
    const controller = new AbortController();
    const { signal } = controller;
    const call = assert.rejects(waits({ signal }), { name: 'AbortError' });
    assert.equal(await add(1, 2, { signal }), 3);
    controller.abort();
    await call;
    assert.equal(await reports(3, { signal: new AbortController().signal, progress() {} }), 'done');
  },
  async 'iterables in'() {
    let closed = 0;
    const done = () => closed++;
    assert.deepEqual(await take(counted(0, done), 100), numbers);
    assert.deepEqual(await take(counted(1_000, done), 3), numbers.slice(0, 3));
    assert.equal(closed, 2);
  },
  async 'iterables out'() {
    await assert.rejects(async () => collected(await failAfter(40)), {
      name: 'System.InvalidOperationException',
    });
    for await (const each of await failAfter(1_000)) if (each === 7) break;
  },
  async streams() {
    const total = bytes.reduce((all, each) => all + each, 0);
    assert.equal(await sum(Readable.from([bytes.subarray(0, 9), bytes.subarray(9)])), total);
    assert.equal(Buffer.concat(await collected(await stream(20_000))).length, 20_000);
    (await stream(200_000)).destroy();
  },
  async objects() {
    (await appended()).dispose();
  },
  'objects that nobody disposes of': appended,
  async properties() {
    const shelf = await Members.Shelf.new('shelf');
    shelf.width.set.sync(4);
    assert.equal(await shelf.width(), 4);
    await assert.rejects(shelf.broken(), { message: 'no such thing' });
    await shelf[Symbol.asyncDispose]();
  },
  async events() {
    const source = await Source.new();
    const changes = source.events('Changed');
    while ((await source.listeners()) === 0);
    await source.raise(7);
    assert.deepEqual(await changes.next(), { done: false, value: 7 });
    const next = changes.next();
    await changes.return();
    assert.deepEqual(await next, { done: true, value: undefined });
    source.events('Counted');
  },
  async 'calls at once'() {
    assert.equal(add.sync(1, 2), 3);
    assert.throws(() => fails.sync('as it must'), { message: 'as it must' });
  },
  async workers() {
    assert.equal(await worker.run(21), 42);
  },
  async 'functions in the style of edge-js'() {
    const back = (value, callback) => callback(null, value + 1);
    assert.equal(await edge({ value: 41, back }), 42);
  },
  async 'functions that are bound anew'() {
    const closed = work('Calls.Add');
    assert.equal(await closed(1, 2), 3);
    await closed.close();
    assert.equal(await work('Calls.Add')(1, 2), 3);
  },
  async rows() {
    const read = [];
    for await (const { number } of sql`SELECT number FROM counted ORDER BY number`)
      if (read.push(number) === 3) break;
    assert.deepEqual(read, numbers.slice(0, 3));
    const { signal } = new AbortController();
    assert.equal((await sql`SELECT * FROM counted WHERE number = ${3}`.with({ signal })).length, 1);
  },
  async databases() {
    // One name, since the provider remembers those it has seen for some minutes.
    const own = owin.sql({ connectionString: 'Data Source=soak;Mode=Memory;Cache=Shared' });
    assert.deepEqual(await own`SELECT 1 AS one`, [{ one: 1 }]);
    await own.close();
  },
  async errors() {
    await assert.rejects(fails('as it must'), { message: 'as it must' });
    await assert.rejects(several(), { name: 'System.AggregateException' });
    const own = new Error('JavaScript’s');
    const thrown = await through(() => Promise.reject(own)).catch((error) => error);
    assert.equal(thrown, own);
    assert.equal(await comesBack((call) => call()), true);
  },
};
