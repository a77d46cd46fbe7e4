import fs from 'node:fs';
import { drain } from '../hosting/bridge.ts';
import type { Exchange } from './exchange.ts';
import { writeFileDone } from './frame-writer.ts';
import { FileDoneFlags } from './frames.generated.ts';
import { givesBack, type HeldHead, holdHead, takeHead, writeFileBytes } from './response-body.ts';

/** A part of a file that .NET wants to be sent. */
export interface FileRange {
  /** .NET's number for it. */
  file: number;
  path: string;
  offset: number;
  count: number;
}

// Few turns through libuv's thread pool for each MB: a read costs more than the copying of its bytes.
const BUFFER_BYTES = 256 * 1024;
const SPARE_BUFFERS = 8;
const spare: Buffer[] = [];

/**
 * Reads a part of a file and gives it to the response: opening → sending → closing, stopped from any. One buffer is
 * read ahead while the response takes no more. .NET hears of the end once the file is closed, whatever became of the
 * exchange, and of a complete one when the response takes bytes again.
 *
 * Invariant: at most one operation on the file is under way; the file is closed when that has ended.
 */
export class FileTransfer {
  readonly file: number;
  readonly #exchange: Exchange;
  readonly #path: string;
  #position: number;
  #left: number;
  #sent = 0;
  #fd = -1;
  #busy = false;
  #ahead: Buffer | undefined;
  #flags = 0;
  #failure = '';
  #over = false;
  #head: HeldHead | undefined;

  constructor(exchange: Exchange, { file, path, offset, count }: FileRange) {
    this.file = file;
    this.#exchange = exchange;
    this.#path = path;
    this.#position = offset;
    this.#left = count;
  }

  start(): void {
    this.#head = takeHead(this.#exchange);
    this.#busy = true;
    const opened = (error: NodeJS.ErrnoException | null, fd: number) => {
      this.#busy = false;
      if (error) return this.#fail(error);
      this.#fd = fd;
      this.advance();
    };
    try {
      fs.open(this.#path, 'r', opened);
    } catch (error) {
      // No path at all.
      opened(error as Error, -1);
    }
  }

  /** The response has ended before, or .NET wants the file no more. */
  stop(): void {
    this.#flags ||= FileDoneFlags.cancelled;
    this.advance();
  }

  /** Goes on as far as the file and the response allow; also called when the response takes bytes again. */
  advance(): void {
    if (this.#busy) return;
    if (this.#flags !== 0) {
      this.#close();
      return;
    }
    const { blocked } = this.#exchange;
    if (this.#ahead && !blocked) {
      const bytes = this.#ahead;
      this.#ahead = undefined;
      this.#write(bytes);
    }
    if (this.#busy || this.#flags !== 0) return;
    if (this.#left === 0 && !this.#ahead) this.#close();
    else if (this.#left > 0 && !this.#ahead) this.#read();
  }

  #read(): void {
    const length = Math.min(this.#left, BUFFER_BYTES);
    const buffer =
      length === BUFFER_BYTES
        ? (spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES))
        : Buffer.allocUnsafe(length);
    this.#busy = true;
    fs.read(this.#fd, buffer, 0, length, this.#position, (error, read) => {
      this.#busy = false;
      if (error) return this.#fail(error);
      if (read === 0) {
        const detail = `'${this.#path}' has ended ${this.#left} bytes before it should.`;
        return this.#fail(new Error(detail));
      }
      this.#position += read;
      this.#left -= read;
      this.#ahead = read === buffer.length ? buffer : buffer.subarray(0, read);
      this.advance();
    });
  }

  #write(bytes: Buffer): void {
    this.#sent += bytes.length;
    const head = this.#head;
    this.#head = undefined;
    const again = bytes.length === BUFFER_BYTES && givesBack(this.#exchange.res);
    const done = again ? (error?: Error | null) => giveBack(bytes, error) : undefined;
    writeFileBytes(this.#exchange, head, bytes, done);
  }

  #fail(error: Error): void {
    if (this.#flags === 0) this.#failure = error.message;
    this.#flags ||= FileDoneFlags.failed;
    this.#close();
  }

  #close(): void {
    if (this.#fd === -1) {
      this.#done();
      return;
    }
    this.#busy = true;
    fs.close(this.#fd, () => {
      this.#fd = -1;
      this.#busy = false;
      this.#done();
    });
  }

  // A complete one waits for the response, so that no queue of files grows.
  #done(): void {
    if (this.#over || (this.#flags === 0 && this.#exchange.blocked)) return;
    this.#over = true;
    const exchange = this.#exchange;
    exchange.file = undefined;
    // Not a byte has left: .NET may go on otherwise.
    if (this.#head && exchange.state === 'started') {
      holdHead(exchange, this.#head);
      drain();
    }
    writeFileDone(this.file, this.#flags, this.#sent, this.#failure);
  }
}

function giveBack(buffer: Buffer, error: Error | null | undefined): void {
  // After an error somebody may still hold it.
  if (!error && spare.length < SPARE_BUFFERS) spare.push(buffer);
}
