// The native addon and the CLR behind it as the package sees them, with the fuzzer in the place of .NET. Must be
// imported before the package.
import { createRequire } from 'node:module';
import { firstText, frame, framesOf, texts, toJs } from './frames.mjs';

const FIXED_FIELDS = 11;
const require = createRequire(import.meta.url);
const blocks = [];
let wake = () => {};

/** Requests .NET has got and not answered, by `slot/generation`. */
export const open = new Map();

/** What was wrong with the frames that came; the first of it. */
export let damage;

/** Gives JavaScript a block of frames and lets it read. */
export function post(...frames) {
  if (frames.length > 0) blocks.push(Buffer.concat(frames));
  wake();
}

/** A frame for an exchange that .NET holds nothing of any more. */
function release(slot, generation) {
  open.delete(`${slot}/${generation}`);
  setImmediate(() => post(frame(toJs.released.value, slot, generation)));
}

const commands = {
  load: [],
  close: [],
  stats: [
    'exchanges',
    '0',
    'threads',
    '1',
    'pending',
    '0',
    'heapBytes',
    '0',
    'allocatedBytes',
    '0',
  ],
};

const received = {
  request({ slot, generation, fieldCount, payload }) {
    const key = `${slot}/${generation}`;
    const fields = payload.toString('latin1').split('\0');
    if (open.has(key)) throw new Error(`The slot ${key} is in use.`);
    if (
      fields.length !== fieldCount ||
      fieldCount < FIXED_FIELDS ||
      (fieldCount - FIXED_FIELDS) % 2
    )
      throw new Error(`A request has ${fields.length} fields and says ${fieldCount}.`);
    open.set(key, { slot, generation, url: fields[2] });
  },
  command({ slot, payload }) {
    const answer = texts(...commands[firstText(payload)]);
    setImmediate(() => post(frame(toJs.result.value, slot, 0, [answer.length], answer)));
  },
  abort: ({ slot, generation }) => release(slot, generation),
  nextDone: ({ slot, generation }) => open.delete(`${slot}/${generation}`),
};

const addon = {
  open: (onWake) => {
    wake = onWake;
  },
  submit(bytes, length, buffers = []) {
    try {
      for (const each of framesOf(Buffer.from(bytes.subarray(0, length)), buffers.length))
        received[each.name]?.(each);
    } catch (error) {
      damage ??= error.message;
    }
  },
  // .NET does not reply in time.
  ask: (frame) => void addon.submit(frame, frame.length),
  take(target) {
    const [block] = blocks;
    if (!block) return 0;
    if (block.length > target.length) return block.length;
    target.set(blocks.shift());
    return block.length;
  },
  start: () => {
    setImmediate(() => wake());
    return { attempt: 1, holds: true };
  },
  startResult: () => ({
    ok: true,
    version: '0',
    path: '',
    hostfxr: '',
    reason: '',
    owner: 'owin',
    probed: [],
  }),
  // Every function returns nothing.
  invoke: () => 0,
  takeResult() {},
  copyFrom() {},
  ref() {},
  unref() {},
  awaitStart() {},
  keepChildSignals: () => true,
  restoreListeners() {},
};

const loader = require.resolve('node-gyp-build');
require(loader);
require.cache[loader].exports = () => addon;
