// Reads the frames that dotnet/Owin.Host/Http/FrameWriter.cs posts, and hands them on. Runs inside a drain: nothing of
// the block is kept, bytes are copied out.
import { OwinError, readError } from '../errors.ts';
import { returned, threw } from '../functions/calls.ts';
import { callFunction, forgetFunction } from '../functions/js-functions.ts';
import { readValue } from '../functions/value-reader.ts';
import { drain, type Frames, lend, open } from '../hosting/bridge.ts';
import { answer } from '../hosting/commands.ts';
import { findApp, receiveAppStopping, receiveLog, receiveStartOutput } from '../hosting/version.ts';
import type { Exchange } from './exchange.ts';
import {
  copyBytes,
  headers,
  payload,
  readFileRange,
  readTrailers,
  texts,
} from './frame-payloads.ts';
import { writeConnectionClosed, writeFileDone } from './frame-writer.ts';
import {
  FileDoneFlags,
  Limits,
  NextFlags,
  ResponseFlags,
  ToJs,
  ToJsWords,
} from './frames.generated.ts';
import { cutOff } from './http2.ts';
import {
  answerError,
  givesBack,
  hasHeld,
  holdHead,
  sendChunk,
  sendComplete,
  sendEnd,
  sendHeld,
  uncorkAll,
} from './response-body.ts';
import { parseHeaders } from './response-head.ts';
import { findExchange } from './slots.ts';
import { uncorkSockets } from './upgraded-socket.ts';

const TEXT_CHUNK_BYTES = 2048;
let heldScheduled = false;

/** Opens this JavaScript environment for frames from .NET. */
export function openEnvironment(): void {
  open(readFrame, afterDrain);
}

// A held head goes out when the loop has turned once, or with its end if that comes before.
function afterDrain(): void {
  uncorkAll();
  uncorkSockets();
  if (heldScheduled || !hasHeld()) return;
  heldScheduled = true;
  setImmediate(() => {
    heldScheduled = false;
    drain();
    sendHeld();
    uncorkAll();
    uncorkSockets();
  });
}

function readFrame(frames: Frames, at: number): void {
  const { words } = frames;
  const type = words[at + 1];
  const slot = words[at + 2] as number;
  switch (type) {
    case ToJs.returned: {
      const from = at * 4 + ToJsWords.returned.payload;
      const to = from + (words[at + ToJsWords.returned.payloadLength] as number);
      return returned(slot, words[at + 3] as number, frames.bytes, from, to);
    }
    case ToJs.threw: {
      const fields = texts(frames, at, ToJsWords.threw) ?? [];
      return threw(slot, words[at + 3] as number, fields);
    }
    case ToJs.result: {
      const fields = texts(frames, at, ToJsWords.result);
      return answer(slot, fields ?? [], !fields);
    }
    case ToJs.error:
      return answer(slot, texts(frames, at, ToJsWords.error) ?? [], true);
    case ToJs.log:
      return receiveLog(slot, texts(frames, at, ToJsWords.log) ?? []);
    case ToJs.watchConnection: {
      const number = words[at + ToJsWords.watchConnection.connection] as number;
      return watchConnection(findExchange(slot, words[at + 3] as number), number);
    }
    case ToJs.appStopping:
      return receiveAppStopping(slot);
    case ToJs.startOutput:
      return receiveStartOutput(slot, texts(frames, at, ToJsWords.startOutput) ?? []);
    case ToJs.unhandled:
      throw readError(texts(frames, at, ToJsWords.unhandled) ?? []);
    case ToJs.call: {
      const number = words[at + ToJsWords.call.function] as number;
      return callFunction(slot, number, payload(frames, at, ToJsWords.call));
    }
    case ToJs.releaseFunction:
      return forgetFunction(slot);
    case ToJs.appError:
      return findApp(slot)?.reportError(readError(texts(frames, at, ToJsWords.appError) ?? []));
  }
  const exchange = findExchange(slot, words[at + 3] as number);
  // .NET waits for the end of every file, also of one that nobody gets.
  if (type === ToJs.sendFile && exchange?.state !== 'started') return refuseFile(frames, at);
  if (!exchange) return;
  if (exchange.state === 'aborted') {
    if (type === ToJs.next) exchange.endNext();
    else if (isFinal(type, words[at + ToJsWords.response.flags] as number)) exchange.finish();
    return;
  }
  if (exchange.state === 'continued') return;
  switch (type) {
    case ToJs.response:
      return readResponse(exchange, frames, at);
    case ToJs.responseBody:
      return readResponseBody(exchange, frames, at);
    case ToJs.responseEnd:
      if (exchange.socket) return exchange.socket.end();
      return sendEnd(exchange, readTrailers(frames, at));
    case ToJs.sendFile:
      return exchange.sendFile(readFileRange(frames, at));
    case ToJs.disableBuffering:
      exchange.mayBuffer = false;
      exchange.buffer?.release();
      return;
    case ToJs.cancelFile:
      if (exchange.file?.file === words[at + ToJsWords.cancelFile.file]) exchange.file?.stop();
      return;
    case ToJs.user:
      return exchange.setUser(readValue(payload(frames, at, ToJsWords.user)));
    case ToJs.requestCredit:
      return exchange.grantRequestBody(words[at + ToJsWords.requestCredit.bytes] as number);
    case ToJs.next: {
      const flags = words[at + ToJsWords.next.flags] as number;
      const asks = (flags & NextFlags.sendingHeaders) !== 0;
      return exchange.continueWithNext(headers(frames, at, ToJsWords.next), asks);
    }
    case ToJs.upgrade:
      return exchange.upgrade(headers(frames, at, ToJsWords.upgrade));
    case ToJs.failed: {
      const error = readError(texts(frames, at, ToJsWords.failed) ?? []);
      exchange.failed = true;
      exchange.finish();
      return answerError(exchange, error);
    }
    case ToJs.aborted:
      return readAborted(exchange, frames, at);
    case ToJs.reset:
      return readReset(exchange, words[at + ToJsWords.reset.code] as number);
    default:
      throw new OwinError(
        'ERR_OWIN_PROTOCOL',
        `.NET sent a frame of type ${type} in the state ${exchange.state}.`,
      );
  }
}

function isFinal(type: number | undefined, flags: number): boolean {
  if (type === ToJs.response) return (flags & ResponseFlags.end) !== 0;
  return (
    type === ToJs.released ||
    type === ToJs.responseEnd ||
    type === ToJs.failed ||
    type === ToJs.aborted ||
    type === ToJs.reset
  );
}

function readResponse(exchange: Exchange, frames: Frames, at: number): void {
  const { bytes, words } = frames;
  const layout = ToJsWords.response;
  const headersStart = at * 4 + layout.payload;
  const reasonStart = headersStart + (words[at + layout.headersLength] as number);
  const bodyStart = reasonStart + (words[at + layout.reasonLength] as number);
  const bodyLength = words[at + layout.payloadLength] as number;
  const head = {
    status: words[at + layout.status] as number,
    reason: reasonStart === bodyStart ? '' : bytes.toString('latin1', reasonStart, bodyStart),
    headers: parseHeaders(bytes.toString('latin1', headersStart, reasonStart)),
    chunk:
      bodyLength <= TEXT_CHUNK_BYTES
        ? bytes.toString('latin1', bodyStart, bodyStart + bodyLength)
        : copyBytes(frames, bodyStart, bodyLength),
  };
  exchange.state = 'started';
  exchange.failed = head.status >= 500;
  if ((words[at + layout.flags] as number) & ResponseFlags.end) sendComplete(exchange, head);
  else holdHead(exchange, head);
}

// A large chunk mostly has its block to itself: the response then gets the memory instead of a copy.
function readResponseBody(exchange: Exchange, frames: Frames, at: number): void {
  const start = at * 4 + ToJsWords.responseBody.payload;
  const length = frames.words[at + ToJsWords.responseBody.payloadLength] as number;
  const { socket } = exchange;
  if (socket) {
    const giveBack = length > Limits.inlineBytes ? lend() : undefined;
    if (giveBack) socket.write(frames.bytes.subarray(start, start + length), giveBack);
    else socket.write(copyBytes(frames, start, length));
    return;
  }
  const giveBack =
    length > Limits.inlineBytes && !exchange.buffer && givesBack(exchange.res) ? lend() : undefined;
  if (giveBack) sendChunk(exchange, frames.bytes.subarray(start, start + length), giveBack);
  else sendChunk(exchange, copyBytes(frames, start, length));
}

function refuseFile({ words }: Frames, at: number): void {
  const file = words[at + ToJsWords.sendFile.file] as number;
  writeFileDone(file, FileDoneFlags.cancelled, 0, '');
}

function readAborted(exchange: Exchange, frames: Frames, at: number): void {
  const fields = texts(frames, at, ToJsWords.aborted);
  exchange.held = undefined;
  exchange.failed = true;
  exchange.finish();
  if (exchange.socket) exchange.socket.destroy();
  else cutOff(exchange.res);
  if (fields?.length !== 0) exchange.app.reportError(readError(fields ?? []));
}

// A connection that nobody knows any more has closed.
function watchConnection(exchange: Exchange | undefined, number: number): void {
  const socket = exchange?.req.socket;
  if (!socket || socket.destroyed) writeConnectionClosed(number);
  else socket.once('close', () => writeConnectionClosed(number));
}

function readReset(exchange: Exchange, code: number): void {
  exchange.held = undefined;
  exchange.finish();
  if (exchange.socket) exchange.socket.destroy();
  else cutOff(exchange.res, code);
}
