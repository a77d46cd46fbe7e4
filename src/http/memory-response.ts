import { type IncomingMessage, OutgoingMessage, ServerResponse } from 'node:http';
import type { MemorySocket } from './memory-socket.ts';

/** The head of a response as it would leave. */
export interface MemoryHead {
  status: number;
  reason: string;
  /** Name and value by turns; none that is about the connection. */
  headers: string[];
}

// Node's types lack what a head passes through before it is sent.
type OpenResponse = Omit<ServerResponse, 'req'> & {
  _storeHeader(firstLine: string, headers: unknown): void;
  _header: string | null;
  _headerSent: boolean;
  _trailer: string;
  chunkedEncoding: boolean;
  [needsDrain: symbol]: boolean;
};

const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as OpenResponse;
const ofConnection = /^(connection|keep-alive|transfer-encoding)$/i;
// What `writableNeedDrain` says.
const needsDrain = Object.getOwnPropertySymbols(new OutgoingMessage()).find(
  ({ description }) => description === 'kNeedDrain',
);

/**
 * A response of Node's own that writes its body to `socket` without a frame.
 *
 * @param takeHead gets its head, which is not written
 */
export function makeResponse(
  req: IncomingMessage,
  socket: MemorySocket,
  takeHead: (head: MemoryHead) => void,
): ServerResponse {
  const res = new ServerResponse(req);
  res.sendDate = false;
  // Of the response's own: express changes its prototype.
  const open = res as unknown as OpenResponse;
  open._storeHeader = (firstLine, headers) => {
    storeHeader.call(open, firstLine, headers);
    open._headerSent = true;
    open.chunkedEncoding = false;
    takeHead(headOf(res));
  };
  res.writeContinue = res.writeProcessing = res.writeEarlyHints = inform;
  res.assignSocket(socket.asSocket);
  return res;
}

// 100, 102 and 103 are for those who wait meanwhile; here they would be bytes of the body.
function inform(...given: unknown[]): void {
  const done = given.at(-1);
  if (typeof done === 'function') process.nextTick(done);
}

function headOf(res: ServerResponse): MemoryHead {
  const all = lines((res as unknown as OpenResponse)._header ?? '');
  return {
    status: res.statusCode,
    reason: res.statusMessage,
    headers: all.filter((_, i) => !ofConnection.test(all[i - (i % 2)] as string)),
  };
}

/** Trailers of a response that has ended: name and value by turns. */
export function trailersOf(res: ServerResponse): string[] {
  return lines((res as unknown as OpenResponse)._trailer ?? '');
}

/** Its socket takes more: what Node does where that is one of its own. */
export function tellDrained(res: ServerResponse): void {
  if (!res.writableNeedDrain) return;
  if (needsDrain) (res as unknown as OpenResponse)[needsDrain] = false;
  res.emit('drain');
}

/** Header lines of a text, name and value by turns. */
function lines(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(': ');
    // The status line has none before its reason, which may have one.
    if (colon > 0 && !line.startsWith('HTTP/1.1 '))
      found.push(line.slice(0, colon), line.slice(colon + 2));
  }
  return found;
}
