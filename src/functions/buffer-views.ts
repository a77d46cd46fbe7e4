import { MarshalFault } from './marshal-fault.ts';
import { elementKinds } from './values.ts';

/** The kind of its elements; undefined: it is bytes. */
export function kindOf(view: ArrayBufferView): number | undefined {
  if (view instanceof Uint8Array || view instanceof DataView) return undefined;
  if (view instanceof Uint8ClampedArray) return undefined;
  const name = Object.prototype.toString.call(view).slice(8, -1);
  const kind = elementKinds.findIndex((each) => each.name === name);
  // Uint8Arrays of another realm are bytes as well.
  if (kind === 1 || name === 'Uint8ClampedArray' || name === 'DataView') return undefined;
  if (kind < 0) throw new MarshalFault(`is a ${name}`);
  return kind;
}

/** @throws MarshalFault for memory that was transferred to somebody else */
export function attached<T extends ArrayBufferLike>(buffer: T): T {
  if (buffer.byteLength === 0 && isDetached(buffer))
    throw new MarshalFault('is a detached ArrayBuffer');
  return buffer;
}

// `detached` is newer than Node 20.
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
