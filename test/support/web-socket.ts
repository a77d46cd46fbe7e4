import { on, once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

/** A client of `ws` whose messages and end can be waited for. Terminated when the test ends. */
export class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #messages: AsyncIterator<[Buffer, boolean]>;

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    this.socket.on('error', () => {});
    this.#messages = on(this.socket, 'message')[Symbol.asyncIterator]() as AsyncIterator<
      [Buffer, boolean]
    >;
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    onTestFinished(() => this.socket.terminate());
  }

  static async open(...args: ConstructorParameters<typeof Client>): Promise<Client> {
    const client = new Client(...args);
    await once(client.socket, 'open');
    return client;
  }

  /** The next message: text as a string, binary as bytes. */
  async message(): Promise<string | Buffer> {
    const { value } = await this.#messages.next();
    const [data, isBinary] = value;
    return isBinary ? data : data.toString();
  }

  /** Sends and waits for what comes back. */
  async echo(message: string | Buffer): Promise<string | Buffer> {
    this.socket.send(message);
    return this.message();
  }
}
