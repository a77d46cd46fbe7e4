// Interactive Blazor components without a browser: the circuit that `blazor.web.js` opens, spoken by hand, since that
// script is in a package of its own.
import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  LogLevel,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { expect, onTestFinished, test } from 'vitest';
import { bothSides } from '../../support/both.ts';
import { request } from '../../support/request.ts';

const both = bothSides();

test.each([
  ['Kestrel over WebSockets', () => both.url.Kestrel, HttpTransportType.WebSockets],
  ['owin over WebSockets', () => both.url.owin, HttpTransportType.WebSockets],
  ['owin over long polling', () => both.url.owin, HttpTransportType.LongPolling],
])('%s: a click on a prerendered component changes it', async (_, url, transport) => {
  const page = await request(`${url()}/counter`);
  expect(page.body).toContain('<p>Count 0</p>');
  const circuit = await Circuit.open(url(), transport);
  const [rendered] = await Promise.all([circuit.batch(), circuit.start('/counter', page.body)]);
  expect(rendered.toString('latin1')).toContain('Count ');
  const [changed] = await Promise.all([circuit.batch(), circuit.click(1)]);
  // What differs is sent: the text after the heading has become '1'.
  expect(changed.toString('latin1')).not.toContain('<p>');
  expect([...changed]).toContain('1'.charCodeAt(0));
});

class Circuit {
  #interop = 0;
  #batches: Buffer[] = [];
  #waiting: ((batch: Buffer) => void) | undefined;
  // By long polling each is a request, which must not be cut off by the end of the test.
  readonly #answers: Promise<void>[] = [];

  private constructor(
    readonly base: string,
    readonly connection: HubConnection,
  ) {
    connection.on('JS.RenderBatch', (id: number, batch: Uint8Array) => {
      this.#answers.push(connection.send('OnRenderCompleted', id, null));
      this.#batches.push(Buffer.from(batch));
      this.#next();
    });
    // .NET hands over the object that takes the events of the page.
    connection.on('JS.BeginInvokeJS', (...call: unknown[]) => {
      const found = JSON.stringify(call).match(/__dotNetObject\D+(\d+)/);
      if (found) this.#interop = Number(found[1]);
      const result = `[${call[0]},true,null]`;
      this.#answers.push(connection.send('EndInvokeJSFromDotNet', call[0], true, result));
    });
  }

  static async open(base: string, transport: HttpTransportType): Promise<Circuit> {
    const protocol = Object.assign(new MessagePackHubProtocol(), { name: 'blazorpack' });
    const connection = new HubConnectionBuilder()
      .withUrl(`${base}/_blazor`, { transport })
      .withHubProtocol(protocol)
      .configureLogging(LogLevel.None)
      .build();
    const circuit = new Circuit(base, connection);
    await connection.start();
    onTestFinished(async () => {
      await Promise.all(circuit.#answers);
      await connection.stop();
    });
    return circuit;
  }

  async start(path: string, page: string): Promise<void> {
    const [, marker = ''] =
      page.match(/<!--Blazor:(\{"type":"server","prerenderId".*?\})-->/) ?? [];
    const [, state = ''] = page.match(/<!--Blazor-Server-Component-State:(.*?)-->/) ?? [];
    const id = await this.connection.invoke(
      'StartCircuit',
      `${this.base}/`,
      this.base + path,
      `[${marker}]`,
      state,
    );
    expect(id).toEqual(expect.any(String));
  }

  /** The next change of the page, as .NET sends it. */
  batch(): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#next();
    });
  }

  click(handler: number): Promise<void> {
    const event = { eventHandlerId: handler, eventName: 'click', eventFieldInfo: null };
    const args = JSON.stringify([event, { type: 'click', detail: 1 }]);
    return this.connection.send(
      'BeginInvokeDotNetFromJS',
      '1',
      null,
      'DispatchEventAsync',
      this.#interop,
      args,
    );
  }

  #next(): void {
    if (!this.#waiting || this.#batches.length === 0) return;
    this.#waiting(this.#batches.shift() as Buffer);
    this.#waiting = undefined;
  }
}
