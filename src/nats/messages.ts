/**
 * What gateway and host say to each other over NATS. A message is one byte that says which, and its payload. Both have
 * an inbox; a message to `<inbox>.<number>` belongs to that exchange of the receiver's.
 *
 *   gateway                                   host
 *   request ──────────────────────────────►   by the subject; reply is where answers go
 *           ◄──────────────────────────────   accepted: where the rest goes
 *   data, end ────────────────────────────►   within the credit the host has given
 *           ◄──────────────────────────────   credit
 *           ◄──────────────────────────────   head, then data, end, within the credit that came with the request
 *   credit ───────────────────────────────►
 *   abort ◄────────────────────────────────►   in place of whatever would come next
 *
 * NATS keeps the order of what one connection says to another.
 */
export const Kind = {
  request: 1,
  accepted: 2,
  head: 3,
  data: 4,
  end: 5,
  credit: 6,
  abort: 7,
} as const;

/** Body bytes under way in one direction of an exchange before their sender waits for credit. */
export const WINDOW = 256 * 1024;
/** Credit is given back in steps of this size. */
export const STEP = 64 * 1024;
/** Bytes of a body in one message; a server takes 1 MB unless it is told otherwise. */
export const CHUNK = 64 * 1024;

/** The head of a request. Lines: name and value by turns. */
export interface RelayedRequest {
  method: string;
  url: string;
  originalUrl: string;
  secure: boolean;
  lines: string[];
  /** There is no body beyond the bytes beside this. */
  whole: boolean;
}

/** The head of a response. */
export interface RelayedResponse {
  status: number;
  reason: string;
  lines: string[];
  whole: boolean;
  /** Of a whole one: its trailers. */
  trailers: string[];
}

const NOTHING = new Uint8Array(0);

/** A message of bytes. */
export function message(kind: number, bytes: Uint8Array = NOTHING): Uint8Array {
  const whole = new Uint8Array(1 + bytes.length);
  whole[0] = kind;
  whole.set(bytes, 1);
  return whole;
}

/** A message of a value, with bytes behind it. */
export function valueMessage(
  kind: number,
  value: unknown,
  bytes: Uint8Array = NOTHING,
): Uint8Array {
  const text = Buffer.from(JSON.stringify(value));
  const whole = Buffer.allocUnsafe(5 + text.length + bytes.length);
  whole[0] = kind;
  whole.writeUInt32LE(text.length, 1);
  text.copy(whole, 5);
  whole.set(bytes, 5 + text.length);
  return whole;
}

/** The value of a message, and the bytes behind it. Throws for a message that holds none. */
export function readValue<T>(data: Uint8Array): [value: T, bytes: Buffer] {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.length);
  const end = 5 + buffer.readUInt32LE(1);
  return [JSON.parse(buffer.toString('utf8', 5, end)), buffer.subarray(end)];
}
