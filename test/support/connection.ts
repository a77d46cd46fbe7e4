import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/** A response as it was on the wire; `text` is latin-1. */
export interface RawResponse {
  head: string;
  status: number;
  /** Header lines by lower-case name. */
  headers: Map<string, string[]>;
  text: string;
}

/**
 * A socket to write bytes as they are, and to read what comes back: by responses, by the bytes, or to the end.
 * Destroyed when the test ends.
 */
export class Connection {
  readonly socket: net.Socket;
  #received = '';
  #ended = false;
  #changed = (): void => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#changed();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#changed();
    });
    onTestFinished(() => void socket.destroy());
  }

  /** @param to a port of 127.0.0.1, or anything that `net.connect` takes */
  static async open(to: number | net.NetConnectOpts): Promise<Connection> {
    const socket = net.connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** A request without a body. */
  get(target: string, ...headerLines: string[]): this {
    return this.send(
      `GET ${target} HTTP/1.1\r\n${['Host: test', ...headerLines].join('\r\n')}\r\n\r\n`,
    );
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Everything that has come and has not been taken. */
  get received(): string {
    return this.#received;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes everything up to and with `mark`. */
  async until(mark: string): Promise<string> {
    await this.#wait(() => this.#received.includes(mark), `'${mark}'`);
    return this.#take(this.#received.indexOf(mark) + mark.length);
  }

  /** Takes so many bytes. */
  async bytes(count: number): Promise<string> {
    await this.#wait(() => this.#received.length >= count, `${count} bytes`);
    return this.#take(count);
  }

  /** Everything up to the end of the connection. */
  async end(): Promise<string> {
    while (!this.#ended) await this.#change();
    return this.#take(this.#received.length);
  }

  /** Takes one whole response, whatever frames its body. `bodiless`: it answers a HEAD. */
  async response({ bodiless = false } = {}): Promise<RawResponse> {
    const head = await this.until('\r\n\r\n');
    const [statusLine = '', ...rest] = head.trimEnd().split('\r\n');
    const headers = new Map<string, string[]>();
    for (const line of rest) {
      const name = line.slice(0, line.indexOf(':')).toLowerCase();
      headers.set(name, [...(headers.get(name) ?? []), line.slice(line.indexOf(':') + 1).trim()]);
    }
    const status = Number(statusLine.split(' ')[1]);
    const empty = bodiless || status < 200 || status === 204 || status === 304;
    return { head, status, headers, text: empty ? '' : await this.#body(headers) };
  }

  async #body(headers: Map<string, string[]>): Promise<string> {
    const length = headers.get('content-length')?.[0];
    if (length !== undefined) return this.bytes(Number(length));
    if (!headers.has('transfer-encoding')) return this.end();
    let text = '';
    while (true) {
      const size = Number.parseInt(await this.until('\r\n'), 16);
      text += await this.bytes(size);
      await this.until('\r\n');
      if (size === 0) return text;
    }
  }

  async #wait(found: () => boolean, what: string): Promise<void> {
    while (!found()) {
      if (this.#ended)
        throw new Error(`The connection ended before ${what}: ${JSON.stringify(this.#received)}`);
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #take(count: number): string {
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }
}
