// What the payloads of frames from .NET hold. Nothing of it refers to the block it was read from.
import type { Frames } from '../hosting/bridge.ts';
import { ToJsWords } from './frames.generated.ts';
import { parseHeaders, type ResponseHeaders } from './response-head.ts';
import type { FileRange } from './send-file.ts';
import { readTexts } from './text-fields.ts';

/** A copy of bytes of the block. */
export function copyBytes(frames: Frames, start: number, length: number): Buffer {
  return Buffer.from(frames.bytes.subarray(start, start + length));
}

/** A copy of a payload. */
export function payload(
  { bytes, words }: Frames,
  at: number,
  layout: { payloadLength: number; payload: number },
): Buffer {
  const start = at * 4 + layout.payload;
  return Buffer.from(bytes.subarray(start, start + (words[at + layout.payloadLength] as number)));
}

/** The text fields of a payload; undefined where it holds none. */
export function texts(
  frames: Frames,
  at: number,
  layout: { payloadLength: number; payload: number },
): string[] | undefined {
  const payloadLength = frames.words[at + layout.payloadLength] as number;
  if (payloadLength === 0) return [];
  const start = at * 4 + layout.payload;
  return readTexts(frames.bytes, start, start + payloadLength);
}

/** The headers that a payload consists of. */
export function headers(
  { bytes, words }: Frames,
  at: number,
  layout: { headersLength: number; payload: number },
): ResponseHeaders {
  const start = at * 4 + layout.payload;
  const length = words[at + layout.headersLength] as number;
  return parseHeaders(bytes.toString('latin1', start, start + length));
}

/** What of which file is to be sent. */
export function readFileRange({ bytes, words }: Frames, at: number): FileRange {
  const layout = ToJsWords.sendFile;
  const start = at * 4 + layout.payload;
  const length = words[at + layout.payloadLength] as number;
  const long = (low: number, high: number) =>
    (words[at + high] as number) * 2 ** 32 + ((words[at + low] as number) >>> 0);
  return {
    file: words[at + layout.file] as number,
    offset: long(layout.offsetLow, layout.offsetHigh),
    count: long(layout.countLow, layout.countHigh),
    path: bytes.toString('utf8', start, start + length),
  };
}

/** Name and value by turns; undefined: there are none. */
export function readTrailers({ bytes, words }: Frames, at: number): string[] | undefined {
  const layout = ToJsWords.responseEnd;
  if (words[at + layout.fieldCount] === 0) return undefined;
  const start = at * 4 + layout.payload;
  const length = words[at + layout.payloadLength] as number;
  return bytes.toString('latin1', start, start + length).split('\0');
}
