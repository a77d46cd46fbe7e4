// The client that comes with SignalR, over each of its transports, against the same hub under Kestrel and mounted by
// express.
import { once } from 'node:events';
import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  LogLevel,
  Subject,
} from '@microsoft/signalr';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bothSides, type Side, sides } from '../../support/both.ts';

const both = bothSides();

const transports = {
  WebSockets: HttpTransportType.WebSockets,
  'server-sent events': HttpTransportType.ServerSentEvents,
  'long polling': HttpTransportType.LongPolling,
};

const at = { Kestrel: () => both.url.Kestrel, owin: () => both.mounted };

/** A connection that is stopped when the test ends. */
async function connect(
  side: Side,
  transport: HttpTransportType,
  change: (builder: HubConnectionBuilder) => HubConnectionBuilder = (same) => same,
): Promise<HubConnection> {
  const builder = new HubConnectionBuilder()
    .withUrl(`${at[side]()}/chat`, { transport })
    .configureLogging(LogLevel.None);
  const connection = change(builder).build();
  await connection.start();
  onTestFinished(() => connection.stop());
  return connection;
}

/** The arguments of the next call of a method. */
function called(connection: HubConnection, method: string): Promise<unknown[]> {
  return new Promise((resolve) => connection.on(method, (...args) => resolve(args)));
}

/** All that a stream of the hub's sends. */
function all<T>(connection: HubConnection, method: string, ...args: unknown[]): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const items: T[] = [];
    connection.stream<T>(method, ...args).subscribe({
      next: (item) => items.push(item),
      complete: () => resolve(items),
      error: reject,
    });
  });
}

const cases = sides.flatMap((side) =>
  Object.entries(transports).map(([name, transport]) => [side, name, transport] as const),
);

describe.each(cases)('%s over %s', (side, _, transport) => {
  const open = (change?: Parameters<typeof connect>[2]) => connect(side, transport, change);

  test('a method of the hub answers, or throws', async () => {
    const connection = await open();
    expect(await connection.invoke('Echo', 'hällo €')).toBe('hällo €');
    await expect(connection.invoke('Fail')).rejects.toThrow('refused by the hub');
    const base = side === 'owin' ? '/mounted' : '';
    expect(await connection.invoke('Describe')).toBe(`${base} /chat`);
  });

  test('what one says all hear; what is told to a group, its members', async () => {
    const [one, two] = [await open(), await open()];
    const heard = [one, two].map((each) => called(each, 'said'));
    await one.send('Say', 'hello');
    for (const each of heard) expect(await each).toEqual([one.connectionId, 'hello']);
    const told = called(two, 'told');
    one.on('told', () => expect.unreachable());
    await two.invoke('Join', 'band');
    await one.invoke('Tell', 'band', 'swing');
    expect(await told).toEqual(['swing']);
  });

  test('the hub asks a client and waits for its answer', async () => {
    const connection = await open();
    connection.on('answer', (question: string) => `${question} 42`);
    expect(await connection.invoke('Ask', 'What is it?')).toBe('What is it? 42');
  });

  test('the hub streams, until all is sent or the client has enough', async () => {
    const connection = await open();
    const numbers = await all<number>(connection, 'Count', 1000);
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    const first = await new Promise((resolve) => {
      const enough = connection.stream('Count', 1_000_000_000).subscribe({
        next: (item) => {
          enough.dispose();
          resolve(item);
        },
        complete: () => {},
        error: () => {},
      });
    });
    expect(first).toBe(1);
    expect(await connection.invoke('Echo', 'still there')).toBe('still there');
  });

  test('the client streams, and both at once', async () => {
    const connection = await open();
    const numbers = new Subject<number>();
    const sum = connection.invoke('Sum', numbers);
    for (let i = 1; i <= 100; i++) numbers.next(i);
    numbers.complete();
    expect(await sum).toBe(5050);
    const words = new Subject<string>();
    const shouted = all<string>(connection, 'Shout', words);
    for (const word of ['one', 'two']) words.next(word);
    words.complete();
    expect(await shouted).toEqual(['ONE', 'TWO']);
  });

  test('messages of 1 MB go both ways', async () => {
    const connection = await open();
    const large = 'owin äöü '.repeat(100_000);
    const echoed: string = await connection.invoke('Echo', large);
    expect(echoed.length).toBe(large.length);
    expect(echoed === large).toBe(true);
  });

  test('a connection that the hub drops is made anew', async () => {
    const connection = await open((builder) => builder.withAutomaticReconnect([0, 50, 500]));
    const lost = new Promise((resolve) => connection.onreconnecting(resolve));
    const found = new Promise<string | undefined>((resolve) => connection.onreconnected(resolve));
    const before = connection.connectionId;
    await connection.send('Drop');
    await lost;
    expect(await found).toBe(connection.connectionId);
    expect(connection.connectionId).not.toBe(before);
    expect(await connection.invoke('Echo', 'again')).toBe('again');
  });
});

test.each(sides)('%s offers all transports, the client takes WebSockets', async (side) => {
  const response = await fetch(`${at[side]()}/chat/negotiate?negotiateVersion=1`, {
    method: 'POST',
  });
  const { availableTransports } = (await response.json()) as Record<
    string,
    { transport: string }[]
  >;
  expect(availableTransports?.map(({ transport }) => transport)).toEqual([
    'WebSockets',
    'ServerSentEvents',
    'LongPolling',
  ]);
});

test.each(sides)('%s resumes what a lost WebSocket has left off', async (side) => {
  const connection = await connect(side, HttpTransportType.WebSockets, (builder) =>
    builder.withStatefulReconnect(),
  );
  const { connectionId } = connection;
  const socket = (connection as any).connection.transport._webSocket;
  const closed = once(socket, 'close');
  const said = called(connection, 'said');
  socket.terminate();
  await closed;
  await connection.send('Say', 'while it was lost');
  expect(await said).toEqual([connectionId, 'while it was lost']);
  expect(connection.connectionId).toBe(connectionId);
});
