// Writes the values that dotnet/Owin.Host/Functions/ValueReader.cs reads.
import { OwinError } from '../errors.ts';
import { describe } from '../hosting/options.ts';
import { type FunctionOwner, registerFunction } from './js-functions.ts';
import { VALUE_DEPTH, ValueTag } from './values.ts';

/**
 * A value as bytes: null, booleans, numbers, bigints of 64 bits, texts, Dates, bytes, arrays, and objects as
 * dictionaries of their own enumerable properties; `undefined` is left out of objects and null elsewhere. What has
 * `toJSON` is written as what that returns.
 *
 * @param path what the value is, for the message of an error
 * @param owner whose functions in the value are; without one there may be none
 * @throws OwinError `ERR_OWIN_VALUE` with the path of what cannot be written: another type, a cycle, a depth above 64
 */
export function writeValue(value: unknown, path: string, owner?: FunctionOwner): Buffer {
  const writer = new ValueWriter(owner);
  writer.write(value, path);
  return writer.bytes();
}

/** Several values as a list, each with the path it has in a message. */
export function writeValues(
  parts: { value: unknown; path: string }[],
  owner?: FunctionOwner,
): Buffer {
  const writer = new ValueWriter(owner);
  writer.begin(parts.length);
  for (const { value, path } of parts) writer.write(value, path);
  return writer.bytes();
}

/** The arguments of a call, one behind the other. */
export function writeArguments(args: unknown[], owner?: FunctionOwner): Buffer {
  const writer = new ValueWriter(owner);
  for (let i = 0; i < args.length; i++) writer.write(args[i], `argument ${i + 1}`);
  return writer.bytes();
}

class ValueWriter {
  readonly #owner: FunctionOwner | undefined;
  readonly #ancestors: object[] = [];
  #buffer = Buffer.allocUnsafe(1024);
  #used = 0;

  constructor(owner: FunctionOwner | undefined) {
    this.#owner = owner;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used);
  }

  /** Begins a list of so many values. */
  begin(count: number): void {
    this.#tag(ValueTag.list);
    this.#int(count);
  }

  write(value: unknown, path: string): void {
    switch (typeof value) {
      case 'undefined':
        return this.#tag(ValueTag.null);
      case 'boolean':
        return this.#tag(value ? ValueTag.true : ValueTag.false);
      case 'number':
        return this.#number(value);
      case 'bigint':
        if (BigInt.asIntN(64, value) !== value) throw fault(path, 'a bigint of more than 64 bits');
        return this.#long(value);
      case 'string':
        this.#tag(ValueTag.string);
        return this.#text(value);
      case 'function':
        if (!this.#owner) throw fault(path, 'a function');
        this.#tag(ValueTag.function);
        return this.#int(registerFunction(this.#owner, value as (argument: unknown) => unknown));
      case 'object':
        return value === null ? this.#tag(ValueTag.null) : this.#object(value, path);
      default:
        throw fault(path, `a ${typeof value}`);
    }
  }

  #object(value: object, path: string): void {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw fault(path, 'an invalid Date');
      this.#tag(ValueTag.date);
      return this.#double(value.getTime());
    }
    if (value instanceof Uint8Array) return this.#bytes(value);
    if (value instanceof ArrayBuffer) return this.#bytes(new Uint8Array(value));
    if (this.#ancestors.includes(value)) throw fault(path, 'a part of what it lies in: a cycle');
    if (this.#ancestors.length === VALUE_DEPTH)
      throw fault(path, `${VALUE_DEPTH} lists and objects deep`);
    this.#ancestors.push(value);
    if ('toJSON' in value && typeof value.toJSON === 'function') this.write(value.toJSON(), path);
    else if (Array.isArray(value)) this.#list(value, path);
    else this.#dictionary(value instanceof Map ? [...value] : Object.entries(value), path);
    this.#ancestors.pop();
  }

  #list(values: unknown[], path: string): void {
    this.begin(values.length);
    for (let i = 0; i < values.length; i++) this.write(values[i], `${path}[${i}]`);
  }

  #dictionary(entries: [unknown, unknown][], path: string): void {
    const present = entries.filter(([, value]) => value !== undefined);
    this.#tag(ValueTag.dictionary);
    this.#int(present.length);
    for (const [name, value] of present) {
      if (typeof name !== 'string') throw fault(path, 'a Map with keys that are no texts');
      this.#text(name);
      this.write(value, `${path}.${name}`);
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#tag(ValueTag.int);
      this.#int(value);
    } else if (Number.isSafeInteger(value) && value !== 0) {
      this.#long(BigInt(value));
    } else {
      this.#tag(ValueTag.double);
      this.#double(value);
    }
  }

  #tag(tag: number): void {
    this.#reserve(1);
    this.#buffer[this.#used++] = tag;
  }

  #int(value: number): void {
    this.#reserve(4);
    this.#used = this.#buffer.writeInt32LE(value, this.#used);
  }

  #long(value: bigint): void {
    this.#tag(ValueTag.long);
    this.#reserve(8);
    this.#used = this.#buffer.writeBigInt64LE(value, this.#used);
  }

  #double(value: number): void {
    this.#reserve(8);
    this.#used = this.#buffer.writeDoubleLE(value, this.#used);
  }

  #text(text: string): void {
    this.#int(text.length * 2);
    this.#reserve(text.length * 2);
    this.#used += this.#buffer.write(text, this.#used, 'utf16le');
  }

  #bytes(bytes: Uint8Array): void {
    this.#tag(ValueTag.bytes);
    this.#int(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #reserve(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

function fault(path: string, what: string): OwinError {
  const known = 'null, booleans, numbers, texts, Dates, bytes, arrays and objects of these';
  return new OwinError('ERR_OWIN_VALUE', `${path} is ${what}; what can cross to .NET is ${known}.`);
}

/** Throws unless it is an object that can be a dictionary. */
export function checkDictionary(value: unknown, path: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OwinError('ERR_OWIN_VALUE', `${path} takes an object, not ${describe(value)}.`);
}
