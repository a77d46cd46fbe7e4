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
        const value = bytes.readBigInt64LE(at);
        at += 8;
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
        const length = int();
        at += length;
        return Buffer.from(bytes.subarray(at - length, at));
      }
      case ValueTag.list:
        return Array.from({ length: int() }, read);
      case ValueTag.dictionary:
        return dictionary();
      default:
        throw new OwinError('ERR_OWIN_PROTOCOL', `.NET sent a value of the kind ${tag}.`);
    }
  }

  function int(): number {
    at += 4;
    return bytes.readInt32LE(at - 4);
  }

  function double(): number {
    at += 8;
    return bytes.readDoubleLE(at - 8);
  }

  function text(): string {
    const length = int();
    at += length;
    return bytes.toString('utf16le', at - length, at);
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
