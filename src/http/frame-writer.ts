// Writes the frames that dotnet/Owin.Host/Http/FrameReader.cs reads, but those of functions (functions/call-frames.ts).
import { ask, submit } from '../hosting/bridge.ts';
import type { Exchange } from './exchange.ts';
import {
  begin,
  commit,
  flush,
  padded,
  refer,
  SLAB_BYTES,
  setHeader,
  slab,
  words,
  writeBytes,
  writeWords,
} from './frame-slab.ts';
import { Limits, ToClr, ToClrWords } from './frames.generated.ts';

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
    words[at + layout.buffer] = refer(chunk);
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
  writeWords(ToClr.requestEnd, slot, generation, 0, 0);
}

/** The client has taken `bytes` of the response body. */
export function writeResponseCredit(exchange: Exchange, bytes: number): void {
  writeWords(ToClr.responseCredit, exchange.slot, exchange.generation, bytes);
}

/** The response cannot go on. `reason` is one of `AbortReason`. */
export function writeAbort(exchange: Exchange, reason: number): void {
  writeWords(ToClr.abort, exchange.slot, exchange.generation, reason);
}

/** What `next` led to has finished. */
export function writeNextDone(exchange: Exchange, status: number, flags: number): void {
  writeWords(ToClr.nextDone, exchange.slot, exchange.generation, status, flags);
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
  writeWords(ToClr.logTaken, version, 0);
}

/** A connection that .NET watches has closed. */
export function writeConnectionClosed(number: number): void {
  writeWords(ToClr.connectionClosed, number, 0);
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
  writeWords(ToClr.upgraded, exchange.slot, exchange.generation);
}

/** What JavaScript gives the request that is written next. */
export function writeRequestValues(exchange: Exchange, values: Uint8Array): void {
  writeBytes(ToClr.requestValues, exchange.slot, exchange.generation, [], values);
}

/** What JavaScript gives the app whose loading is commanded next. */
export function writeAppValues(appId: number, values: Uint8Array): void {
  writeBytes(ToClr.appValues, appId, 0, [], values);
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
