// Writes the frames that dotnet/Owin.Host/Http/FrameReader.cs reads. They collect in a slab and leave together,
// once a turn of the event loop.
//
// A frame is in the slab from `commit` on, and not before: what ends a function of these between `begin` and `commit`
// (the stack is used up, a worker is terminated) leaves nothing of it to be sent. A buffer without a frame is harmless:
// frames name theirs.
import { ask, submit } from '../hosting/bridge.ts';
import type { Exchange } from './exchange.ts';
import { FRAME_ALIGNMENT, Header, Limits, ToClr, ToClrWords } from './frames.generated.ts';

const SLAB_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);
const NONE: Uint8Array[] = [];
const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
const words = new Int32Array(slab.buffer);
let used = 0;
let buffers: Uint8Array[] = [];
let flushScheduled = false;
const flushing: (() => void)[] = [];

const padded = (length: number): number => (length + FRAME_ALIGNMENT - 1) & -FRAME_ALIGNMENT;

/**
 * The request itself. `head` is the NUL-joined latin-1 text of `fieldCount` fields that protocol/frames.json
 * describes; the caller has made sure that it has no character above U+00FF. Returns where the frame begins until the
 * next flush, or -1 when it was too long to wait for one.
 */
export function writeRequest(
  exchange: Exchange,
  appId: number,
  flags: number,
  fieldCount: number,
  head: string,
): number {
  const offset = ToClrWords.request.payload;
  const length = padded(offset + head.length);
  if (length > SLAB_BYTES) {
    const own = Buffer.allocUnsafeSlow(length);
    const ownWords = new Int32Array(own.buffer);
    setHeader(ownWords, 0, length, ToClr.request, exchange.slot, exchange.generation);
    setRequest(ownWords, 0, appId, flags, fieldCount, own.write(head, offset, 'latin1'));
    flush();
    submit(own, length);
    return -1;
  }
  const at = begin(length, ToClr.request, exchange.slot, exchange.generation);
  setRequest(words, at, appId, flags, fieldCount, slab.write(head, at * 4 + offset, 'latin1'));
  commit(length);
  return at;
}

/** Adds flags to the request frame that begins at `at`, which has not been flushed. */
export function addRequestFlags(at: number, flags: number): void {
  const word = at + ToClrWords.request.flags;
  words[word] = (words[word] as number) | flags;
}

/** Calls back just before the frames written so far leave; `call` may add some for which `hasRoom` says yes. */
export function beforeFlush(call: () => void): void {
  flushing.push(call);
}

/** Whether a chunk of that size and the end of its body go out with the frames that wait. */
export function hasRoom(chunkLength: number): boolean {
  return chunkLength <= Limits.inlineBytes && used + chunkLength + 128 <= SLAB_BYTES;
}

function setRequest(
  words: Int32Array,
  at: number,
  appId: number,
  flags: number,
  fieldCount: number,
  written: number,
) {
  words[at + ToClrWords.request.app] = appId;
  words[at + ToClrWords.request.flags] = flags;
  words[at + ToClrWords.request.fieldCount] = fieldCount;
  words[at + ToClrWords.request.payloadLength] = written;
}

/**
 * A chunk of the request body. True: it went by reference, so the caller keeps it alive until .NET has granted its
 * bytes again or the exchange is over.
 */
export function writeRequestBody(exchange: Exchange, chunk: Uint8Array): boolean {
  const { slot, generation } = exchange;
  if (chunk.length > Limits.inlineBytes) {
    const layout = ToClrWords.requestBodyBuffer;
    const length = padded(layout.payload);
    const at = begin(length, ToClr.requestBodyBuffer, slot, generation);
    words[at + layout.buffer] = buffers.push(chunk) - 1;
    words[at + layout.payloadLength] = chunk.length;
    commit(length);
    return true;
  }
  const layout = ToClrWords.requestBody;
  const length = padded(layout.payload + chunk.length);
  const at = begin(length, ToClr.requestBody, slot, generation);
  words[at + layout.payloadLength] = chunk.length;
  slab.set(chunk, at * 4 + layout.payload);
  commit(length);
  return false;
}

/** The request body is complete; trailers are name and value by turns. */
export function writeRequestEnd(exchange: Exchange, trailers: readonly string[] = []): void {
  const { slot, generation } = exchange;
  if (trailers.length > 0) {
    const lines = Buffer.from(trailers.join('\0'), 'latin1');
    return writeBytes(ToClr.requestEnd, slot, generation, [trailers.length], lines);
  }
  const layout = ToClrWords.requestEnd;
  const length = padded(layout.payload);
  const at = begin(length, ToClr.requestEnd, slot, generation);
  words[at + layout.fieldCount] = 0;
  words[at + layout.payloadLength] = 0;
  commit(length);
}

/** The client has taken `bytes` of the response body. */
export function writeResponseCredit(exchange: Exchange, bytes: number): void {
  const length = padded(ToClrWords.responseCredit.payload);
  const at = begin(length, ToClr.responseCredit, exchange.slot, exchange.generation);
  words[at + ToClrWords.responseCredit.bytes] = bytes;
  commit(length);
}

/** The response cannot go on. `reason` is one of `AbortReason`. */
export function writeAbort(exchange: Exchange, reason: number): void {
  const length = padded(ToClrWords.abort.payload);
  const at = begin(length, ToClr.abort, exchange.slot, exchange.generation);
  words[at + ToClrWords.abort.reason] = reason;
  commit(length);
}

/** What `next` led to has finished. */
export function writeNextDone(exchange: Exchange, status: number, flags: number): void {
  const length = padded(ToClrWords.nextDone.payload);
  const at = begin(length, ToClr.nextDone, exchange.slot, exchange.generation);
  words[at + ToClrWords.nextDone.status] = status;
  words[at + ToClrWords.nextDone.flags] = flags;
  commit(length);
}

/** A file that .NET wanted to be sent is closed, after `sent` of its bytes went to the response. */
export function writeFileDone(file: number, flags: number, sent: number, failure: string): void {
  const offset = ToClrWords.fileDone.payload;
  const length = padded(offset + Buffer.byteLength(failure));
  const at = begin(length, ToClr.fileDone, file, 0);
  words[at + ToClrWords.fileDone.flags] = flags;
  words[at + ToClrWords.fileDone.sentLow] = sent;
  words[at + ToClrWords.fileDone.sentHigh] = sent / 2 ** 32;
  words[at + ToClrWords.fileDone.payloadLength] = slab.write(failure, at * 4 + offset);
  commit(length);
}

/** Asks for what the app of that version has logged since its last `log` frame. */
export function writeLogTaken(version: number): void {
  const length = padded(ToClrWords.logTaken.payload);
  begin(length, ToClr.logTaken, version, 0);
  commit(length);
}

/** A connection that .NET watches has closed. */
export function writeConnectionClosed(number: number): void {
  const length = padded(ToClrWords.connectionClosed.payload);
  begin(length, ToClr.connectionClosed, number, 0);
  commit(length);
}

let lastQuestion = 0;

/**
 * Asks for the head that a response behind `next` is to leave with, and waits. `headers` are NUL-joined latin-1.
 * Returns the frame that .NET replied with, or undefined when it has not in that time.
 */
export function askSendingHeaders(
  exchange: Exchange,
  status: number,
  headers: string,
  milliseconds: number,
): Uint8Array | undefined {
  const layout = ToClrWords.sendingHeaders;
  const frame = Buffer.allocUnsafeSlow(padded(layout.payload + headers.length));
  const frameWords = new Int32Array(frame.buffer);
  const { slot, generation } = exchange;
  setHeader(frameWords, 0, frame.length, ToClr.sendingHeaders, slot, generation);
  lastQuestion = (lastQuestion + 1) | 0;
  frameWords[layout.number] = lastQuestion;
  frameWords[layout.status] = status;
  frameWords[layout.payloadLength] = frame.write(headers, layout.payload, 'latin1');
  flush();
  return ask(frame, lastQuestion, milliseconds);
}

/** The socket is .NET's. */
export function writeUpgraded(exchange: Exchange): void {
  const length = padded(ToClrWords.upgraded.payload);
  begin(length, ToClr.upgraded, exchange.slot, exchange.generation);
  commit(length);
}

/** What JavaScript gives the request that is written next. */
export function writeRequestValues(exchange: Exchange, values: Uint8Array): void {
  writeBytes(ToClr.requestValues, exchange.slot, exchange.generation, [], values);
}

/** What JavaScript gives the app whose loading is commanded next. */
export function writeAppValues(appId: number, values: Uint8Array): void {
  writeBytes(ToClr.appValues, appId, 0, [], values);
}

/** A function that .NET called has returned a value, or failed with one. */
export function writeCallResult(call: number, failed: boolean, value: Uint8Array): void {
  writeBytes(ToClr.callResult, call, 0, [failed ? 1 : 0], value);
}

/** A .NET function is called; `payload` are its arguments. */
export function writeInvoke(
  call: { slot: number; generation: number },
  number: number,
  target: number,
  flags: number,
  argumentCount: number,
  payload?: { bytes: Uint8Array; buffers: Uint8Array[] },
): void {
  const { bytes = NOTHING, buffers: own = NONE } = payload ?? {};
  const head = [number, target, flags, argumentCount, 0, own.length];
  writeBytes(ToClr.invoke, call.slot, call.generation, head, bytes, own);
}

/** A call is not wanted any more. */
export function writeCancelCall(call: { slot: number; generation: number }): void {
  const length = padded(ToClrWords.cancelCall.payload);
  begin(length, ToClr.cancelCall, call.slot, call.generation);
  commit(length);
}

/** Memory that .NET has lent was copied. */
export function writeBufferTaken(number: number): void {
  const length = padded(ToClrWords.bufferTaken.payload);
  begin(length, ToClr.bufferTaken, number, 0);
  commit(length);
}

/** An object of .NET's is not called any more. */
export function writeReleaseObject(number: number): void {
  const length = padded(ToClrWords.releaseObject.payload);
  begin(length, ToClr.releaseObject, number, 0);
  commit(length);
}

/**
 * A frame whose own words are `own` and the length of its payload. Where it refers to buffers, the last but one of its
 * own words is where they begin.
 */
function writeBytes(
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
  target.set([...own, payload.length], at + Header.generation + 1);
  (large ?? slab).set(payload, at * 4 + offset);
  if (!large) return commit(length);
  flush();
  if (referred.length > 0) submit(large, length, referred);
  else submit(large, length);
}

/** A command: a list of texts (`TextFields` on the .NET side). */
export function writeCommand(number: number, fields: string[]): void {
  const texts = fields.map((field) => Buffer.from(field, 'utf8'));
  const payload = texts.reduce((sum, text) => sum + 4 + text.length, 4);
  const offset = ToClrWords.command.payload;
  const frame = Buffer.alloc(padded(offset + payload));
  setHeader(
    new Int32Array(frame.buffer, frame.byteOffset),
    0,
    frame.length,
    ToClr.command,
    number,
    0,
  );
  frame.writeInt32LE(payload, ToClrWords.command.payloadLength * 4);
  let position = frame.writeInt32LE(texts.length, offset);
  for (const text of texts) {
    position = frame.writeInt32LE(text.length, position);
    position += text.copy(frame, position);
  }
  flush();
  submit(frame, frame.length);
}

/** Makes room for a frame, in time for the next flush, and writes its header; returns where it begins, in words. */
function begin(length: number, type: number, slot: number, generation: number): number {
  if (used + length > SLAB_BYTES) flush();
  if (!flushScheduled) {
    setImmediate(scheduledFlush);
    flushScheduled = true;
  }
  const at = used >> 2;
  setHeader(words, at, length, type, slot, generation);
  return at;
}

function commit(length: number): void {
  used += length;
}

function setHeader(
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

function scheduledFlush(): void {
  flushScheduled = false;
  flush();
}

function flush(): void {
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
