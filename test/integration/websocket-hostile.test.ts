import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { allLetGo, topic } from '../support/kitchen.ts';
import { Client, frame, handshake, openRaw, serveUpgrades } from '../support/upgrade.ts';

const close = (status: number) => `\x88\x02${String.fromCharCode(status >> 8, status & 255)}`;

describe('frames that are wrong', () => {
  test.each([
    ['not masked', frame(1, 'unmasked', { mask: false }), 1002],
    ['of a reserved opcode', frame(3, 'x'), 1002],
    ['with a reserved bit', Buffer.from([0xc1, 0x80, 1, 2, 3, 4]), 1002],
    ['a length of 2^63', frame(2, 'x', { length: 2n ** 63n }), 1002],
    ['a ping of 126 bytes', frame(9, 'x'.repeat(126)), 1002],
    ['a fragmented ping', frame(9, 'x', { fin: false }), 1002],
    ['a continuation of nothing', frame(0, 'x'), 1002],
    [
      'a new message inside another',
      Buffer.concat([frame(1, 'a', { fin: false }), frame(1, 'b')]),
      1002,
    ],
    ['bad UTF-8', frame(1, Buffer.from([0xc3, 0x28])), 1007],
    ['UTF-8 that ends in the middle', frame(1, Buffer.from([0xe2, 0x82])), 1007],
    ['a Close of one byte', frame(8, 'x'), 1002],
    ['a Close with a status that must not be sent', frame(8, Buffer.from([0x03, 0xed])), 1002],
  ])('%s are closed', async (_, bytes, status) => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, '/ws-echo');
    client.send(bytes);
    const received = await client.end();
    expect(received.slice(-4)).toBe(close(status));
    await allLetGo();
  });

  test('a length that never comes is let go with the client', async () => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, '/ws-echo');
    client.send(frame(2, 'x'.repeat(200), { length: 2n ** 62n }));
    client.socket.end();
    await client.end();
    await allLetGo();
  });
});

describe('bytes that come one by one', () => {
  test('frames split at every byte arrive whole', async () => {
    const { port } = await serveUpgrades();
    const bytes = Buffer.concat([
      frame(1, 'split ', { fin: false }),
      frame(9, 'ping'),
      frame(0, 'at every byte €'),
      frame(2, 'y'.repeat(130)),
    ]);
    const expected = Buffer.concat([
      frame(1, 'split ', { fin: false, mask: false }),
      frame(10, 'ping', { mask: false }),
      frame(0, 'at every byte €', { mask: false }),
      Buffer.from([0x82, 126, 0, 130]),
      Buffer.alloc(130, 'y'),
    ]).toString('latin1');
    for (let at = 1; at < bytes.length; at++) {
      const client = await openRaw(port, '/ws-echo');
      client.send(bytes.subarray(0, at));
      await new Promise(setImmediate);
      client.send(bytes.subarray(at));
      expect(await client.bytes(expected.length), `split at ${at}`).toBe(expected);
      client.destroy();
    }
    await allLetGo();
  });

  test('a client that sends each byte by itself is served like any', async () => {
    const { port } = await serveUpgrades();
    const client = await Connection.open(port);
    client.socket.setNoDelay(true);
    for (const byte of handshake('/ws-echo')) {
      client.send(byte);
      await new Promise(setImmediate);
    }
    expect((await client.response()).status).toBe(101);
    for (const byte of frame(1, 'one by one')) {
      client.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(await client.bytes(12)).toBe('\x81\x0aone by one');
  });

  test('a client at one byte a second keeps nobody else waiting', async () => {
    const { port, ws } = await serveUpgrades();
    const slow = await openRaw(port, '/ws-echo');
    const bytes = frame(1, 'ab');
    let sent = 0;
    const timer = setInterval(() => slow.send(bytes.subarray(sent, ++sent)), 1000);
    const fast = await Client.open(`${ws}/ws-echo`);
    for (let i = 0; i < 500; i++) expect(await fast.echo(`${i}`)).toBe(`${i}`);
    expect(await slow.bytes(4)).toBe('\x81\x02ab');
    clearInterval(timer);
  });
});

describe('what comes too late', () => {
  test('data behind a Close is dropped', async () => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, '/ws-echo');
    client.send(Buffer.concat([frame(8, Buffer.from([0x03, 0xe8])), frame(1, 'late')]));
    expect(await client.end()).toBe(close(1000));
    await allLetGo();
  });

  test('data for a connection that the app has ended is dropped, and it ends', async () => {
    const { port } = await serveUpgrades();
    const client = await openRaw(port, `/ws-script?id=${topic()}&do=close:1000-`);
    await client.bytes(4);
    for (let i = 0; i < 64; i++) client.send(Buffer.alloc(65536));
    client.socket.end();
    await client.end();
    await allLetGo();
  });
});

describe('sockets that vanish', () => {
  async function vanish(port: number, bytes: Buffer, ms = 0): Promise<void> {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(bytes);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    socket.resetAndDestroy();
  }

  async function vanishAll(
    count: number,
    bytes: Buffer,
    delay: (i: number) => number,
  ): Promise<void> {
    const { port, ws } = await serveUpgrades();
    for (let i = 0; i < count; i += 100)
      await Promise.all(Array.from({ length: 100 }, (_, k) => vanish(port, bytes, delay(i + k))));
    await allLetGo();
    const client = await Client.open(`${ws}/ws-echo`);
    expect(await client.echo('still here')).toBe('still here');
  }

  test('2,000 right behind the handshake leave nothing', async () => {
    await vanishAll(2000, Buffer.from(handshake('/ws-echo')), () => 0);
  }, 60_000);

  test('8,000 in the middle of a message leave nothing', async () => {
    const half = frame(2, 'z'.repeat(1000), { length: 100_000n });
    await vanishAll(8000, Buffer.concat([Buffer.from(handshake('/ws-echo')), half]), (i) => i % 20);
  }, 120_000);

  test('1,000 while the server sends leave nothing', async () => {
    const bytes = Buffer.from(handshake('/ws-flood?n=100&size=50000&id=vanish'));
    await vanishAll(1000, bytes, (i) => i % 30);
  }, 60_000);
});
