import { MarshalFault } from './marshal-fault.ts';
import { VALUE_BYTES, ValueTag } from './values.ts';

const FIRST_BYTES = 1024;
// Larger ones are not kept for the next values.
const KEPT_BYTES = 64 * 1024;
// A longer text is copied faster by Buffer.
const LOOPED_CHARACTERS = 48;

/** Bytes of values, which grow as they are written. */
export class ValueBytes {
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view: DataView = new DataView(this.#buffer.buffer);
  #used = 0;

  /** What has been written. Kept: nothing overwrites it; else the next bytes do. */
  take(kept: boolean): Buffer {
    const taken = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (kept || this.#buffer.length > KEPT_BYTES)
      this.#replace(Buffer.allocUnsafeSlow(FIRST_BYTES));
    return taken;
  }

  tag(tag: number): void {
    if (this.#used === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#used++] = tag;
  }

  int(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#used, value, true);
    this.#used += 4;
  }

  tagged(tag: number, value: number): void {
    this.#reserve(5);
    this.#buffer[this.#used] = tag;
    this.#view.setInt32(this.#used + 1, value, true);
    this.#used += 5;
  }

  taggedDouble(tag: number, value: number): void {
    this.#reserve(9);
    this.#buffer[this.#used] = tag;
    this.#view.setFloat64(this.#used + 1, value, true);
    this.#used += 9;
  }

  /** A tag and a count that is set later; returns where. */
  counted(tag: number): number {
    this.tagged(tag, 0);
    return this.#used - 4;
  }

  setInt(at: number, value: number): void {
    this.#view.setInt32(at, value, true);
  }

  text(text: string): void {
    const { length } = text;
    this.#reserve(4 + length * 2);
    const at = this.#used + 4;
    if (length <= LOOPED_CHARACTERS && this.#latin1(text, at)) {
      this.#view.setInt32(this.#used, length, true);
      this.#used = at + length;
      return;
    }
    this.#view.setInt32(this.#used, -length, true);
    this.#used = at + this.#buffer.write(text, at, 'utf16le');
  }

  #latin1(text: string, at: number): boolean {
    const buffer = this.#buffer;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return false;
      buffer[at + i] = code;
    }
    return true;
  }

  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.tag(ValueTag.long);
      this.#reserve(8);
      this.#view.setBigInt64(this.#used, value, true);
      this.#used += 8;
      return;
    }
    let words = 1;
    while (BigInt.asIntN(64 * words, value) !== value) words *= 2;
    // Not one more than are needed: .NET takes what there is.
    while (BigInt.asIntN(64 * (words - 1), value) === value) words--;
    this.tagged(ValueTag.bigInt, words * 8);
    this.#reserve(words * 8);
    let rest = value;
    for (let i = 0; i < words; i++) {
      this.#view.setBigInt64(this.#used, BigInt.asIntN(64, rest), true);
      this.#used += 8;
      rest >>= 64n;
    }
  }

  raw(view: ArrayBufferView): void {
    this.#reserve(view.byteLength);
    const { buffer, byteOffset, byteLength } = view;
    this.#buffer.set(new Uint8Array(buffer, byteOffset, byteLength), this.#used);
    this.#used += byteLength;
  }

  #reserve(more: number): void {
    if (this.#used + more > this.#buffer.length) this.#grow(more);
  }

  #grow(more: number): void {
    const needed = this.#used + more;
    if (needed > VALUE_BYTES)
      throw new MarshalFault(`is too large: more than ${VALUE_BYTES} bytes do not cross`);
    const larger = Buffer.allocUnsafeSlow(
      Math.min(Math.max(needed, this.#buffer.length * 2), VALUE_BYTES),
    );
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#replace(larger);
  }

  #replace(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
  }
}
