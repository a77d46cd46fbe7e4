// Writes the values that dotnet/Owin.Host/Functions/ValueReader.cs reads.
import { types } from 'node:util';
import { OwinError } from '../errors.ts';
import { describe } from '../hosting/options.ts';
import { attached, kindOf } from './buffer-views.ts';
import { handleOf } from './handles.ts';
import { type FunctionOwner, registerFunction } from './js-functions.ts';
import { MarshalFault } from './marshal-fault.ts';
import { delegateNumber } from './net-functions.ts';
import { refusedKind, shown } from './refused-values.ts';
import { ValueBytes } from './value-bytes.ts';
import { BUFFER_BYTES, VALUE_DEPTH, ValueTag } from './values.ts';

/**
 * A value as bytes. docs/marshalling.md has the table of what can cross; `undefined` is left out of objects and null
 * elsewhere. An object that has `toJSON` is written as what that returns.
 *
 * @param path what the value is, for the message of an error
 * @param owner whose functions in the value are; without one there may be none
 * @throws OwinError `ERR_OWIN_MARSHAL` with the path of what cannot be written: another type, a cycle, a depth above
 * 64, what throws while it is read
 */
export function writeValue(value: unknown, path: string, owner?: FunctionOwner): Buffer {
  const writer = new ValueWriter(owner);
  writer.write(value, path);
  return writer.take();
}

/** Several values as a list, each with the path it has in a message. */
export function writeValues(
  parts: { value: unknown; path: string }[],
  owner?: FunctionOwner,
): Buffer {
  const writer = new ValueWriter(owner);
  writer.begin(parts.length);
  for (const { value, path } of parts) writer.write(value, path);
  return writer.take();
}

/** Writes values one behind the other; may be used again after `take`. */
export class ValueWriter {
  /** Buffers that the values refer to, by index. .NET copies out of them, so they are to stay as they are until then. */
  buffers: Uint8Array[] = [];
  #owner: FunctionOwner | undefined;
  #referred = Number.POSITIVE_INFINITY;
  readonly #bytes = new ValueBytes();
  // Where in the value the writer is: what lies around it, and by which name or index.
  readonly #ancestors: object[] = [];
  readonly #keys: unknown[] = [];
  #depth = 0;
  #root = '';

  constructor(owner?: FunctionOwner) {
    this.#owner = owner;
  }

  /** For other values from now on: `owner`'s, and buffers above so many bytes are referred to. */
  use(owner: FunctionOwner | undefined, referred: number = Number.POSITIVE_INFINITY): void {
    this.#owner = owner;
    this.#referred = referred;
  }

  /** The bytes written so far, which the next ones overwrite where they are not `kept`; `buffers` begins anew. */
  take(kept = true): Buffer {
    if (this.buffers.length > 0) this.buffers = [];
    return this.#bytes.take(kept);
  }

  /** Holds on to nothing of what it has written. */
  forget(): void {
    this.#ancestors.length = 0;
    this.#keys.length = 0;
  }

  /** Begins a list of so many values. */
  begin(count: number): void {
    this.#bytes.tagged(ValueTag.list, count);
  }

  /** @throws OwinError `ERR_OWIN_MARSHAL`; nothing of what was written is left then */
  write(value: unknown, path: string): void {
    this.#root = path;
    this.#depth = 0;
    try {
      this.#write(value);
    } catch (cause) {
      if (cause instanceof MarshalFault) throw this.#error(cause.message, cause.depth);
      throw this.#error(`cannot be read: ${shown(cause)}`, this.#depth, cause);
    }
  }

  #write(value: unknown): void {
    const bytes = this.#bytes;
    switch (typeof value) {
      case 'string':
        bytes.tag(ValueTag.string);
        return bytes.text(value);
      case 'number':
        if ((value | 0) === value && (value !== 0 || !Object.is(value, -0)))
          return bytes.tagged(ValueTag.int, value);
        return bytes.taggedDouble(ValueTag.double, value);
      case 'undefined':
        return bytes.tag(ValueTag.null);
      case 'boolean':
        return bytes.tag(value ? ValueTag.true : ValueTag.false);
      case 'bigint':
        return bytes.bigint(value);
      case 'object':
        return value === null ? bytes.tag(ValueTag.null) : this.#object(value);
      case 'function':
        return this.#function(ValueTag.function, value as () => unknown, 'a function');
      default:
        throw new MarshalFault(`is a ${typeof value}`);
    }
  }

  #object(value: object): void {
    const prototype = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype || prototype === Array.prototype;
    if (!isPlain || Symbol.asyncIterator in value) {
      if (ArrayBuffer.isView(value)) return this.#view(value);
      if (types.isAnyArrayBuffer(value)) return this.#view(new Uint8Array(attached(value)));
      if (types.isDate(value)) {
        const time = value.getTime();
        if (Number.isNaN(time)) throw new MarshalFault('is an invalid Date');
        return this.#bytes.taggedDouble(ValueTag.date, time);
      }
      const handle = handleOf(value);
      if (handle) return this.#function(handle.tag, handle.call, handle.what, handle.released);
      const refused = refusedKind(value);
      if (refused) throw new MarshalFault(`is ${refused}`);
    }
    if (this.#depth === VALUE_DEPTH) throw this.#tooDeep(value);
    this.#ancestors[this.#depth++] = value;
    this.#keys[this.#depth] = undefined;
    if ('toJSON' in value && typeof value.toJSON === 'function') this.#write(value.toJSON());
    else if (Array.isArray(value)) this.#list(value);
    else if (types.isMap(value)) this.#map(value);
    else if (types.isSet(value)) this.#set(value);
    else this.#dictionary(value as Record<string, unknown>);
    this.#depth--;
  }

  // What lives here, and is called from .NET.
  #function(tag: number, call: () => unknown, what: string, released?: () => unknown): void {
    const held = delegateNumber(call);
    if (held !== undefined) return this.#bytes.tagged(ValueTag.delegate, held);
    if (!this.#owner) throw new MarshalFault(`is ${what}`);
    this.#bytes.tagged(tag, registerFunction(this.#owner, call, released));
  }

  #list(values: unknown[]): void {
    const { length } = values;
    this.begin(length);
    for (let i = 0; i < length; i++) {
      this.#keys[this.#depth] = i;
      this.#write(values[i]);
    }
  }

  #dictionary(object: Record<string, unknown>): void {
    const bytes = this.#bytes;
    const count = bytes.counted(ValueTag.dictionary);
    let present = 0;
    for (const name of Object.keys(object)) {
      this.#keys[this.#depth] = name;
      const value = object[name];
      if (value === undefined) continue;
      bytes.text(name);
      this.#write(value);
      present++;
    }
    bytes.setInt(count, present);
  }

  #set(values: Set<unknown>): void {
    this.#bytes.tagged(ValueTag.set, values.size);
    let i = 0;
    for (const value of values) {
      this.#keys[this.#depth] = i++;
      this.#write(value);
    }
  }

  #map(map: Map<unknown, unknown>): void {
    this.#bytes.tagged(ValueTag.map, map.size);
    for (const [key, value] of map) {
      this.#keys[this.#depth] = typeof key === 'object' || typeof key === 'symbol' ? '(key)' : key;
      this.#write(key);
      this.#write(value);
    }
  }

  #view(view: ArrayBufferView): void {
    attached(view.buffer);
    const bytes = this.#bytes;
    const kind = kindOf(view);
    if (view.byteLength > this.#referred && !types.isSharedArrayBuffer(view.buffer))
      return this.#refer(view, kind);
    if (kind === undefined) bytes.tagged(ValueTag.bytes, view.byteLength);
    else {
      bytes.tag(ValueTag.array);
      bytes.tag(kind);
      bytes.int((view as Int8Array).length);
    }
    bytes.raw(view);
  }

  #refer(view: ArrayBufferView, kind: number | undefined): void {
    const { buffer, byteOffset, byteLength } = view;
    if (byteLength > BUFFER_BYTES) throw new MarshalFault(`is ${byteLength} bytes long`);
    const bytes = this.#bytes;
    bytes.tag(kind === undefined ? ValueTag.bytesBuffer : ValueTag.arrayBuffer);
    if (kind !== undefined) bytes.tag(kind);
    const seen = view instanceof Uint8Array ? view : new Uint8Array(buffer, byteOffset, byteLength);
    bytes.int(this.buffers.push(seen) - 1);
    bytes.int(byteLength);
  }

  // Every cycle ends here, so nobody looks for one before.
  #tooDeep(value: object): MarshalFault {
    const line = [...this.#ancestors.slice(0, VALUE_DEPTH), value];
    const again = line.findIndex((each, i) => line.indexOf(each) < i);
    return again < 0
      ? new MarshalFault(`is ${VALUE_DEPTH} lists and objects deep`)
      : new MarshalFault('is a part of what it lies in: a cycle', again);
  }

  #error(what: string, depth = this.#depth, cause?: unknown): OwinError {
    const keys = this.#keys.slice(1, depth + 1);
    const path = keys.map((key) => {
      if (key === undefined) return '';
      return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
    });
    this.take(false);
    return new OwinError('ERR_OWIN_MARSHAL', `${this.#root}${path.join('')} ${what}.`, {
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
/** Throws unless it is an object that can be a dictionary. */
export function checkDictionary(value: unknown, path: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OwinError('ERR_OWIN_MARSHAL', `${path} takes an object, not ${describe(value)}.`);
}
