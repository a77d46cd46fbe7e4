import { expect, test, vi } from 'vitest';
import type { Exchange } from '../../../src/http/exchange.ts';
import * as writer from '../../../src/http/frame-writer.ts';
import { framesOf, type ToClrFrame } from '../../fuzz/frames.mjs';

interface Batch {
  frames: Buffer;
  buffers: Uint8Array[];
}

const batches = vi.hoisted((): Batch[] => []);

vi.mock('../../../src/hosting/bridge.ts', () => ({
  submit(bytes: Uint8Array, length: number, buffers: Uint8Array[] = []) {
    batches.push({ frames: Buffer.from(bytes.subarray(0, length)), buffers: [...buffers] });
  },
}));

const exchange = { slot: 3, generation: 9 } as Exchange;
const LARGE = 20_000;

/** All that was written since, each frame with the size of the buffer it names. */
async function written(): Promise<(ToClrFrame & { chunk?: number | undefined })[]> {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return batches.splice(0).flatMap(({ frames, buffers }) =>
    [...framesOf(frames, buffers.length)].map((frame) => ({
      ...frame,
      chunk:
        frame.name === 'requestBodyBuffer' ? buffers[frame['buffer'] as number]?.length : undefined,
    })),
  );
}

/** Calls `write` at the end of the stack, with a little more room each time, until it has returned so often. */
function atTheEndOfTheStack(write: () => void, times: number): number {
  let returned = 0;
  let failed = 0;
  (function deeper(): void {
    try {
      deeper();
    } catch {
      // As deep as can be.
    }
    if (returned >= times) return;
    try {
      write();
      returned++;
    } catch {
      failed++;
    }
  })();
  return failed;
}

test('each large chunk goes with the frame that names it, in as many batches as there are', async () => {
  const chunks = Array.from({ length: 6_000 }, (_, i) => new Uint8Array(LARGE + i));
  for (const chunk of chunks) expect(writer.writeRequestBody(exchange, chunk)).toBe(true);
  const frames = await written();
  expect(frames.map(({ chunk }) => chunk)).toEqual(chunks.map(({ length }) => length));
  expect(frames.map((frame) => frame['payloadLength'])).toEqual(chunks.map(({ length }) => length));
});

test.each<[string, () => void]>([
  ['a chunk beside the frames', () => writer.writeRequestBody(exchange, new Uint8Array(LARGE))],
  ['a chunk in its frame', () => writer.writeRequestBody(exchange, Buffer.from('a chunk'))],
  ['a request', () => writer.writeRequest(exchange, 1, 0, 3, 'GET\0\0/')],
  ['the end of a body', () => writer.writeRequestEnd(exchange, ['name', 'value'])],
  ['the end of a file', () => writer.writeFileDone(1, 0, 5, 'the reason')],
  ['a command', () => writer.writeCommand(1, ['load', 'an app'])],
])('what the end of the stack cuts short of %s is not sent', async (_, write) => {
  write();
  const [whole] = await written();
  const TIMES = 20;
  expect(atTheEndOfTheStack(write, TIMES)).toBeGreaterThan(0);
  const frames = await written();
  // Which buffer it is differs.
  for (const frame of [...frames, whole!]) delete frame['buffer'];
  expect(frames).toEqual(Array.from({ length: TIMES }, () => whole));
});

test('what ends the writing of a chunk leaves the next one its own buffer', async () => {
  // Like a worker that is terminated there, except that this one goes on.
  let reads = 0;
  const cut = Object.defineProperty(new Uint8Array(LARGE + 2), 'length', {
    get() {
      if (++reads > 1) throw new Error('cut short');
      return LARGE + 2;
    },
  });
  writer.writeRequestBody(exchange, new Uint8Array(LARGE));
  expect(() => writer.writeRequestBody(exchange, cut)).toThrow('cut short');
  writer.writeRequestBody(exchange, new Uint8Array(LARGE + 1));
  expect((await written()).map(({ chunk }) => chunk)).toEqual([LARGE, LARGE + 1]);
});
