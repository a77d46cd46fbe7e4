// Frames as protocol/frames.json describes them, written and read without the code that is tested.
import { readFileSync } from 'node:fs';

const protocol = JSON.parse(readFileSync(new URL('../../protocol/frames.json', import.meta.url)));
const HEADER = protocol.header.length;
const ALIGNMENT = protocol.alignment;
export const { toClr, toJs } = protocol;

const names = new Map(Object.entries(toClr).map(([name, { value }]) => [value, name]));

/** A whole frame: the words behind the header as they are, then the payload. */
export function frame(type, slot, generation, words = [], payload = Buffer.alloc(0)) {
  const start = (HEADER + words.length) * 4;
  const bytes = Buffer.alloc(Math.ceil((start + payload.length) / ALIGNMENT) * ALIGNMENT);
  [bytes.length, type, slot, generation, ...words].forEach((word, i) => {
    bytes.writeInt32LE(word | 0, i * 4);
  });
  payload.copy(bytes, start);
  return bytes;
}

/** The frames of a batch to .NET; throws where it is not what the protocol says. */
export function* framesOf(batch, bufferCount) {
  for (let at = 0; at < batch.length; ) {
    const word = (index) => batch.readInt32LE(at + index * 4);
    const length = word(0);
    const name = names.get(word(1));
    if (!name || length % ALIGNMENT !== 0 || length < HEADER * 4 || at + length > batch.length)
      throw new Error(
        `A frame of type ${word(1)} has ${length} bytes, ${batch.length - at} are left.`,
      );
    const own = Object.fromEntries(toClr[name].words.map((key, i) => [key, word(HEADER + i)]));
    const start = at + (HEADER + toClr[name].words.length) * 4;
    if (name === 'requestBodyBuffer' && !(own.buffer >= 0 && own.buffer < bufferCount))
      throw new Error(`A frame refers to buffer ${own.buffer} of ${bufferCount}.`);
    const inFrame = name === 'requestBodyBuffer' ? 0 : (own.payloadLength ?? 0);
    if (start + inFrame > at + length)
      throw new Error(`A ${name} frame is shorter than its payload.`);
    const payload = batch.subarray(start, start + inFrame);
    yield { name, slot: word(2), generation: word(3), ...own, payload };
    at += length;
  }
}

/** Text fields as the protocol writes them: their count, then length and UTF-8 of each. */
export function texts(...fields) {
  const int = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };
  const parts = fields
    .map((field) => Buffer.from(field))
    .flatMap((text) => [int(text.length), text]);
  return Buffer.concat([int(fields.length), ...parts]);
}

/** The first of the fields. */
export function firstText(payload) {
  return payload.toString('utf8', 8, 8 + payload.readInt32LE(4));
}
