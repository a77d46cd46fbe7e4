// Reads the values that dotnet/Owin.Host/Functions/ValueWriter.cs writes.
import { OwinError } from '../errors.ts';
import { ValueTag } from './values.ts';

/**
 * A value that .NET wrote: a long beyond 2^53 comes as a bigint, a dictionary as an object, bytes as a Buffer.
 *
 * @throws OwinError `ERR_OWIN_PROTOCOL` for bytes that are none
 */
export function readValue(bytes: Buffer): unknown {
  let at = 0;
  try {
    return read();
  } catch (cause) {
    throw cause instanceof OwinError
      ? cause
      : new OwinError('ERR_OWIN_PROTOCOL', 'A value of .NET’s is cut short.', { cause });
  }

  function read(): unknown {
    const tag = bytes[at++];
    switch (tag) {
      case ValueTag.null:
        return null;
      case ValueTag.false:
        return false;
      case ValueTag.true:
        return true;
      case ValueTag.int:
        return int();
      case ValueTag.long: {
        const value = bytes.readBigInt64LE(take(8));
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
      }
      case ValueTag.double:
        return double();
      case ValueTag.string:
        return text();
      case ValueTag.date:
        return new Date(double());
      case ValueTag.bytes: {
        const start = take(int());
        return Buffer.from(bytes.subarray(start, at));
      }
      case ValueTag.list:
        return list();
      case ValueTag.dictionary:
        return dictionary();
      default:
        throw new OwinError('ERR_OWIN_PROTOCOL', `.NET sent a value of the kind ${tag}.`);
    }
  }

  /** Goes on by so many bytes; returns where they begin. */
  function take(length: number): number {
    if (length < 0 || length > bytes.length - at) throw new RangeError(`${length} bytes at ${at}.`);
    at += length;
    return at - length;
  }

  function int(): number {
    return bytes.readInt32LE(take(4));
  }

  function double(): number {
    return bytes.readDoubleLE(take(8));
  }

  function text(): string {
    const start = take(int());
    return bytes.toString('utf16le', start, at);
  }

  function list(): unknown[] {
    const values: unknown[] = [];
    for (let left = int(); left > 0; left--) values.push(read());
    return values;
  }

  function dictionary(): object {
    const object: Record<string, unknown> = {};
    for (let left = int(); left > 0; left--) {
      const name = text();
      // Not assigned: a name may be __proto__.
      Object.defineProperty(object, name, {
        value: read(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return object;
  }
}
