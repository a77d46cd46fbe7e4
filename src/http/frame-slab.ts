// Where frames to .NET collect: they leave together, once a turn of the event loop.
//
// A frame is in the slab from `commit` on, and not before: what ends a function between `begin` and `commit` (the stack
// is used up, a worker is terminated) leaves nothing of it to be sent. A buffer without a frame is harmless: frames name
// theirs.
import { submit } from '../hosting/bridge.ts';
import { FRAME_ALIGNMENT, Header, Limits } from './frames.generated.ts';

const NONE: Uint8Array[] = [];

export const SLAB_BYTES = 64 * 1024;
export const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
export const words = new Int32Array(slab.buffer);
let used = 0;
let buffers: Uint8Array[] = [];
let flushScheduled = false;
const flushing: (() => void)[] = [];

export const padded = (length: number): number => (length + FRAME_ALIGNMENT - 1) & -FRAME_ALIGNMENT;

/** Calls back just before the frames written so far leave; `call` may add some for which `hasRoom` says yes. */
export function beforeFlush(call: () => void): void {
  flushing.push(call);
}

/** Whether a chunk of that size and the end of its body go out with the frames that wait. */
export function hasRoom(chunkLength: number): boolean {
  return chunkLength <= Limits.inlineBytes && used + chunkLength + 128 <= SLAB_BYTES;
}

/** Makes room for a frame, in time for the next flush, and writes its header; returns where it begins, in words. */
export function begin(length: number, type: number, slot: number, generation: number): number {
  if (used + length > SLAB_BYTES) flush();
  if (!flushScheduled) {
    setImmediate(scheduledFlush);
    flushScheduled = true;
  }
  const at = used >> 2;
  setHeader(words, at, length, type, slot, generation);
  return at;
}

/** The frame that begins where `begin` said is whole. */
export function commit(length: number): void {
  used += length;
}

/** The number by which the frame that is being written names a buffer. */
export function refer(buffer: Uint8Array): number {
  return buffers.push(buffer) - 1;
}

/** A frame without a payload; `own` are all of its own words. */
export function writeWords(type: number, slot: number, generation: number, ...own: number[]): void {
  const length = padded((Header.generation + 1 + own.length) * 4);
  setOwn(words, begin(length, type, slot, generation), own);
  commit(length);
}

/**
 * A frame whose own words are `own` and the length of its payload. Where it refers to buffers, the last but one of its
 * own words is where they begin.
 */
export function writeBytes(
  type: number,
  slot: number,
  generation: number,
  own: number[],
  payload: Uint8Array,
  referred: Uint8Array[] = NONE,
): void {
  const offset = (Header.generation + 2 + own.length) * 4;
  const length = padded(offset + payload.length);
  const large = length > SLAB_BYTES ? Buffer.allocUnsafeSlow(length) : undefined;
  const target = large ? new Int32Array(large.buffer) : words;
  const at = large ? 0 : begin(length, type, slot, generation);
  if (large) setHeader(target, 0, length, type, slot, generation);
  else if (referred.length > 0) {
    own[own.length - 2] = buffers.length;
    buffers.push(...referred);
  }
  setOwn(target, at, own);
  target[at + Header.generation + 1 + own.length] = payload.length;
  if (payload.length > 0) (large ?? slab).set(payload, at * 4 + offset);
  if (!large) return commit(length);
  flush();
  if (referred.length > 0) submit(large, length, referred);
  else submit(large, length);
}

export function setHeader(
  words: Int32Array,
  at: number,
  length: number,
  type: number,
  slot: number,
  generation: number,
): void {
  words[at] = length;
  words[at + 1] = type;
  words[at + 2] = slot;
  words[at + 3] = generation;
}

// One by one: `set` takes longer for so few.
function setOwn(words: Int32Array, at: number, own: number[]): void {
  for (let i = 0; i < own.length; i++) words[at + Header.generation + 1 + i] = own[i] as number;
}

function scheduledFlush(): void {
  flushScheduled = false;
  flush();
}

/** What has been committed leaves now. */
export function flush(): void {
  if (used === 0) return;
  // One by one: a call that fills the slab flushes it, and the others must have been made by then.
  while (flushing.length > 0) flushing.shift()?.();
  if (used === 0) return;
  // Only what is handed over is forgotten.
  if (buffers.length === 0) {
    submit(slab, used);
  } else {
    submit(slab, used, buffers);
    buffers = [];
  }
  used = 0;
}
