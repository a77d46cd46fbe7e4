// The only importer of the native addon. Moves batches of frames; what a frame is, frame-writer and frame-reader know.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { OwinError, type ProbedPlace } from '../errors.ts';
import { FRAME_ALIGNMENT } from '../http/frames.generated.ts';

interface Addon {
  open(onWake: () => void): void;
  submit(frames: Uint8Array, length: number, buffers?: Uint8Array[]): void;
  take(target: Uint8Array): number;
  ask(frame: Uint8Array, number: number, milliseconds: number): Uint8Array | undefined;
  invoke(
    number: number,
    target: number,
    argumentCount: number,
    memory: Uint8Array,
    argumentsLength: number,
    buffers?: Uint8Array[],
  ): number;
  takeResult(target: Uint8Array): void;
  copyFrom(address: number, target: Uint8Array): void;
  ref(): void;
  unref(): void;
  start(options: NativeStartOptions): { attempt: number; holds: boolean };
  awaitStart(): void;
  startResult(attempt?: number): StartResult | undefined;
  keepChildSignals(): boolean;
  restoreListeners(listened: number[]): void;
}

/** What the addon needs to start the CLR. */
export interface NativeStartOptions {
  dotnetRoot: string;
  bridgeDirectory: string;
  properties: [name: string, value: string][];
}

/** How the start of the CLR ended. */
export interface StartResult {
  ok: boolean;
  errorCode: string;
  errorDetail: string;
  version: string;
  path: string;
  hostfxr: string;
  reason: string;
  owner: 'owin' | 'joined';
  bridge: string;
  frameworks: Record<string, string>;
  probed: ProbedPlace[];
}

/** Memory that blocks of frames from .NET are copied into. The next block overwrites it, unless it is lent. */
export interface Frames {
  bytes: Buffer;
  words: Int32Array;
}

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Where the .NET half of the package lies. */
export const bridgeDirectory: string = fileURLToPath(new URL('../../dist/dotnet', import.meta.url));

const addon = loadAddon();
const FRAMES_PER_DRAIN = 256;
const MS_PER_DRAIN = 2;
// What a block of native/inbox.h holds.
const BLOCK_BYTES = 64 * 1024 + 64;
const SPARE_BLOCKS = 16;

let readFrame: (frames: Frames, at: number) => void;
let afterDrain: () => void;
let starting: { attempt: number; started: (result: StartResult) => void } | undefined;
let pendingAnswers = 0;
let opened = false;

let frames: Frames = newFrames(BLOCK_BYTES);
const spare: Frames[] = [];
let blockLength = 0;
let position = 0;
let draining = false;

function loadAddon(): Addon {
  try {
    return createRequire(import.meta.url)('node-gyp-build')(packageRoot);
  } catch (cause) {
    throw new OwinError('ERR_OWIN_NATIVE_NOT_FOUND', `${process.platform}-${process.arch}`, {
      cause,
    });
  }
}

function newFrames(size: number): Frames {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, words: new Int32Array(bytes.buffer) };
}

/**
 * Opens this JavaScript environment. `read` gets every frame from .NET, once; `after` runs when a drain has ended.
 */
export function open(read: (frames: Frames, at: number) => void, after: () => void): void {
  readFrame = read;
  afterDrain = after;
  addon.open(onWake);
  opened = true;
  if (pendingAnswers > 0) addon.ref();
}

/** Hands frames to .NET; they are copied. `buffers` must stay alive until .NET has read them. */
export function submit(bytes: Uint8Array, length: number, buffers?: Uint8Array[]): void {
  if (buffers) addon.submit(bytes, length, buffers);
  else addon.submit(bytes, length);
}

/** Hands one frame to .NET and waits for the reply of that number; undefined: it has not come in that time. */
export function ask(
  frame: Uint8Array,
  number: number,
  milliseconds: number,
): Uint8Array | undefined {
  return addon.ask(frame, number, milliseconds);
}

/**
 * Calls a function of .NET's on this thread, which waits for it. The arguments are in `memory`, and then the result.
 *
 * @returns the result's length, or minus that and 1 for an error; more than the memory's: see `takeResult`
 */
export function invokeNow(
  number: number,
  target: number,
  argumentCount: number,
  memory: Uint8Array,
  argumentsLength: number,
  buffers?: Uint8Array[],
): number {
  if (buffers) return addon.invoke(number, target, argumentCount, memory, argumentsLength, buffers);
  return addon.invoke(number, target, argumentCount, memory, argumentsLength);
}

/** Gets the result of the last `invokeNow`, which was too long for its memory. */
export function takeResult(target: Uint8Array): void {
  addon.takeResult(target);
}

/** Copies memory of .NET's, which stays in place until .NET hears that it was taken. */
export function copyFrom(address: number, target: Uint8Array): void {
  addon.copyFrom(address, target);
}

/**
 * Starts the CLR, or joins a start of another thread's. `started` is called once, on this thread.
 *
 * @returns false where the other thread's options hold and are not these
 */
export function start(
  options: NativeStartOptions,
  started: (result: StartResult) => void,
): boolean {
  keepAlive(1);
  const { attempt, holds } = addon.start(options);
  starting = { attempt, started };
  return holds;
}

/** How the start ended, whichever thread's it was; undefined: it has not. */
export function startResult(): StartResult | undefined {
  return addon.startResult();
}

/** Waits for a start under way: a process must not exit in the middle of one. */
export function awaitStart(): void {
  addon.awaitStart();
}

/** Lets .NET hear of the end of its children whatever Node does about its own. False: it cannot be done here. */
export function keepChildSignals(): boolean {
  return addon.keepChildSignals();
}

/** Gives back to Node the signals that a starting CLR, or an app, took. */
export function restoreListeners(listened: number[]): void {
  addon.restoreListeners(listened);
}

/** Counts answers that are due (+1, −1): while there are any, the process does not end by itself. */
export function keepAlive(change: 1 | -1): void {
  pendingAnswers += change;
  // What is asked before the start begins is due as well.
  if (!opened) return;
  if (pendingAnswers === 0) addon.unref();
  else if (pendingAnswers === 1 && change === 1) addon.ref();
}

function onWake(): void {
  if (starting) {
    const result = addon.startResult(starting.attempt);
    if (result) {
      const { started } = starting;
      starting = undefined;
      keepAlive(-1);
      started(result);
    }
  }
  drain();
}

/**
 * Reads what has come, at most 256 frames or 2 ms of it, then lets the loop turn. Never nests. A frame whose reading
 * throws loses no other frame: the error surfaces by itself.
 */
export function drain(): void {
  if (draining) return;
  draining = true;
  const deadline = performance.now() + MS_PER_DRAIN;
  for (let count = 1; position < blockLength || takeBlock(); count++) {
    const at = position >> 2;
    const left = blockLength - position;
    const length = frames.words[at] as number;
    position += length;
    try {
      if (length <= 0 || length > left || length % FRAME_ALIGNMENT !== 0) dropBlock(length, left);
      readFrame(frames, at);
    } catch (error) {
      process.nextTick(rethrow, error);
    }
    if (count >= FRAMES_PER_DRAIN || (count % 8 === 0 && performance.now() > deadline)) {
      setImmediate(drain);
      break;
    }
  }
  draining = false;
  afterDrain();
}

// Where the next frame begins cannot be known.
function dropBlock(length: number, left: number): never {
  position = blockLength;
  throw new OwinError(
    'ERR_OWIN_PROTOCOL',
    `.NET sent a frame of ${length} bytes where ${left} are left.`,
  );
}

function takeBlock(): boolean {
  position = 0;
  blockLength = addon.take(frames.bytes);
  if (blockLength > frames.bytes.length) {
    frames = newFrames(blockLength);
    blockLength = addon.take(frames.bytes);
  }
  return blockLength > 0;
}

/** Called when lent memory is needed no more. */
export type GiveBack = (error?: Error | null) => void;

/**
 * Lends the memory of the block to whoever reads its last frame: nothing overwrites it until it is given back.
 * Without that it is the garbage collector's. Undefined: there are further frames in it.
 */
export function lend(): GiveBack | undefined {
  if (position < blockLength) return undefined;
  const lent = frames;
  frames = spare.pop() ?? newFrames(BLOCK_BYTES);
  return function giveBack(error) {
    // After an error somebody may still hold it.
    if (!error && spare.length < SPARE_BLOCKS && lent.bytes.length === BLOCK_BYTES)
      spare.push(lent);
  };
}

function rethrow(error: unknown): never {
  throw error;
}
