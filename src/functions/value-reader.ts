// Reads the values that dotnet/Owin.Host/Functions/ValueWriter.cs writes. Nothing of JavaScript's runs meanwhile, so
// the place of reading is the module's.
import { OwinError } from '../errors.ts';
import { copyFrom } from '../hosting/bridge.ts';
import { writeBufferTaken } from './call-frames.ts';
import type { Dialect } from './dialect.ts';
import { jsFunction } from './js-functions.ts';
import { delegateFunction } from './net-functions.ts';
import { abortSignal, byteStream, NetIterable } from './net-streams.ts';
import { elementKinds, ValueTag } from './values.ts';

const NAMES = 1024;
const NAME_BYTES = 32;
const KEPT_BYTES = 128 * 1024;

// Names of properties are few: a text for each time would be made for nothing.
const names: (string | undefined)[] = new Array(NAMES).fill(undefined);
const nothing: Buffer = Buffer.alloc(0);
const nothingSeen: DataView = new DataView(nothing.buffer);

let bytes = nothing;
let view: DataView = new DataView(bytes.buffer, 0, 0);
let at = 0;
let end = 0;
let dialect: Dialect = {};

/**
 * The first of the values that .NET wrote: a long beyond 2^53 comes as a bigint, a dictionary as an object, bytes as a
 * Buffer.
 *
 * @throws OwinError `ERR_OWIN_PROTOCOL` for bytes that are none
 */
export function readValue(source: Buffer, how: Dialect = {}): unknown {
  return reads(source, 0, source.length, how, read);
}

/** The first of the values between two places. */
export function readValueAt(source: Buffer, from: number, to: number, how: Dialect = {}): unknown {
  return reads(source, from, to, how, read);
}

/**
 * All values between two places. Nothing of them refers to `source` afterwards.
 *
 * @throws OwinError `ERR_OWIN_PROTOCOL` for bytes that are none
 */
export function readValues(source: Buffer, from: number, to: number, how: Dialect = {}): unknown[] {
  return reads(source, from, to, how, () => {
    const values: unknown[] = [];
    while (at < end) values.push(read());
    return values;
  });
}

function reads<T>(source: Buffer, from: number, to: number, given: Dialect, call: () => T): T {
  if (bytes !== source) {
    bytes = source;
    view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }
  at = from;
  end = to;
  dialect = given;
  try {
    return call();
  } catch (cause) {
    throw cause instanceof OwinError
      ? cause
      : new OwinError('ERR_OWIN_PROTOCOL', 'A value of .NET’s is cut short.', { cause });
  } finally {
    // A large one is not to be held by the next.
    if (source.length > KEPT_BYTES) {
      bytes = nothing;
      view = nothingSeen;
    }
  }
}

function read(): unknown {
  const tag = bytes[take(1)];
  switch (tag) {
    case ValueTag.null:
      return null;
    case ValueTag.false:
      return false;
    case ValueTag.true:
      return true;
    case ValueTag.int:
      return int();
    case ValueTag.long:
      return integer(view.getBigInt64(take(8), true));
    case ValueTag.ulong:
      return integer(view.getBigUint64(take(8), true));
    case ValueTag.bigInt:
      return bigint(int());
    case ValueTag.double:
      return double();
    case ValueTag.string:
      return text(int());
    case ValueTag.date:
      return new Date(double());
    case ValueTag.bytes: {
      const start = take(int());
      return Buffer.from(bytes.subarray(start, at));
    }
    case ValueTag.bytesBuffer:
      return lent();
    case ValueTag.array:
      return typedArray();
    case ValueTag.arrayBuffer: {
      const kind = elementKind();
      return new kind(lent().buffer as ArrayBuffer);
    }
    case ValueTag.function:
      return jsFunction(int());
    case ValueTag.delegate: {
      const made = delegateFunction(int(), dialect);
      return dialect.toJs?.(made) ?? made;
    }
    case ValueTag.source:
      return new NetIterable(delegateFunction(int(), dialect));
    case ValueTag.byteSource:
      return byteStream(delegateFunction(int(), dialect));
    case ValueTag.signal:
      return abortSignal(int());
    case ValueTag.task:
      return delegateFunction(int(), dialect)();
    case ValueTag.list:
      return list();
    case ValueTag.set:
      return new Set(list());
    case ValueTag.map:
      return map();
    case ValueTag.dictionary:
      return dictionary();
    default:
      throw new OwinError('ERR_OWIN_PROTOCOL', `.NET sent a value of the kind ${tag}.`);
  }
}

/** Goes on by so many bytes; returns where they begin. */
function take(length: number): number {
  if (length < 0 || length > end - at) throw new RangeError(`${length} bytes at ${at}.`);
  at += length;
  return at - length;
}

function int(): number {
  return view.getInt32(take(4), true);
}

function double(): number {
  return view.getFloat64(take(8), true);
}

function integer(value: bigint): number | bigint {
  if (dialect.int64 === 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function bigint(length: number): bigint {
  const start = take(length);
  let value = 0n;
  for (let i = at - 1; i >= start; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return BigInt.asIntN(length * 8, value);
}

function text(length: number): string {
  const start = take(length < 0 ? -length * 2 : length);
  return bytes.toString(length < 0 ? 'utf16le' : 'latin1', start, at);
}

function name(): string {
  const length = int();
  if (length <= 0 || length > NAME_BYTES) return text(length);
  const start = take(length);
  let hash = length;
  for (let i = start; i < at; i++) hash = (hash * 31 + (bytes[i] as number)) | 0;
  const slot = hash & (NAMES - 1);
  const known = names[slot];
  if (known?.length === length && isAt(known, start)) return known;
  const made = bytes.toString('latin1', start, at);
  names[slot] = made;
  return made;
}

function isAt(known: string, start: number): boolean {
  for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/** Memory that .NET keeps in place until it was copied. */
function lent(): Buffer {
  const number = int();
  const address = double();
  const copy = Buffer.allocUnsafeSlow(int());
  copyFrom(address, copy);
  writeBufferTaken(number);
  return copy;
}

function elementKind(): (typeof elementKinds)[number] {
  const kind = elementKinds[bytes[take(1)] as number];
  if (!kind) throw new OwinError('ERR_OWIN_PROTOCOL', '.NET sent an array of an unknown kind.');
  return kind;
}

function typedArray(): ArrayBufferView {
  const kind = elementKind();
  const start = take(int() * kind.BYTES_PER_ELEMENT);
  // Its own memory, which begins where elements may.
  const { buffer, byteOffset } = bytes;
  return new kind(buffer.slice(byteOffset + start, byteOffset + at) as ArrayBuffer);
}

function list(): unknown[] {
  const values: unknown[] = [];
  for (let left = int(); left > 0; left--) values.push(read());
  return values;
}

function map(): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let left = int(); left > 0; left--) map.set(read(), read());
  return map;
}

function dictionary(): object {
  const object: Record<string, unknown> = {};
  for (let left = int(); left > 0; left--) {
    const key = name();
    // Not assigned: that would be the object's prototype.
    if (key === '__proto__') {
      Object.defineProperty(object, key, {
        value: read(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else object[key] = read();
  }
  return object;
}
