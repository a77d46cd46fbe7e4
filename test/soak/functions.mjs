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
const { Hasher } = (await owin.load(app('Work'))).Acme.Hashing;

async function appended() {
  const hasher = await Hasher.new();
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
  async errors() {
    await assert.rejects(fails('as it must'), { message: 'as it must' });
    await assert.rejects(several(), { name: 'System.AggregateException' });
    const own = new Error('JavaScript’s');
    const thrown = await through(() => Promise.reject(own)).catch((error) => error);
    assert.equal(thrown, own);
    assert.equal(await comesBack((call) => call()), true);
  },
};
