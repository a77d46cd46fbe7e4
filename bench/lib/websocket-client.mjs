// Client process of the WebSocket comparisons: `{ port, connections, bytes }` is its argument. For each line on
// its stdin, which holds milliseconds, it echoes messages for so long, on all connections at once, each with one message
// under way, and answers `{ messages, seconds }`.
//
// It masks one frame in advance and counts the bytes that come back: the server's work is to be measured, not this.
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';

const { port, connections, bytes } = JSON.parse(process.argv[2]);
const payload = Buffer.alloc(bytes, 'websocket echo ');
const head = (mask) => {
  if (bytes < 126) return Buffer.from([0x82, mask | bytes]);
  if (bytes < 65536) return Buffer.from([0x82, mask | 126, bytes >> 8, bytes & 255]);
  const long = Buffer.alloc(10);
  long[0] = 0x82;
  long[1] = mask | 127;
  long.writeUInt32BE(bytes, 6);
  return long;
};
const key = [11, 22, 33, 44];
const sent = Buffer.concat([head(0x80), Buffer.from(key), payload.map((b, i) => b ^ key[i % 4])]);
const expected = Buffer.concat([head(0), payload]);

class Echo {
  constructor(socket) {
    this.socket = socket;
    this.check = [];
    socket.on('data', (chunk) => this.take(chunk));
  }

  static async open(port) {
    const socket = net.connect(port, '127.0.0.1').setNoDelay();
    socket.write(
      'GET /ws-echo HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    assert.match(answer.toString('latin1'), /^HTTP\/1.1 101 /);
    const echo = new Echo(socket);
    // The first answer is compared, all others are counted.
    await echo.run(0);
    assert.ok(Buffer.concat(echo.check).equals(expected), 'the echo is another message');
    echo.check = undefined;
    return echo;
  }

  /** Messages until `deadline`, at least one. */
  run(deadline) {
    this.deadline = deadline;
    this.messages = 0;
    this.left = expected.length;
    this.socket.write(sent);
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  take(chunk) {
    this.check?.push(chunk);
    this.left -= chunk.length;
    if (this.left > 0) return;
    this.messages++;
    this.left = expected.length;
    if (performance.now() < this.deadline) this.socket.write(sent);
    else this.done(this.messages);
  }
}

const echoes = await Promise.all(Array.from({ length: connections }, () => Echo.open(port)));
console.log('{}');

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const began = performance.now();
    const counts = await Promise.all(echoes.map((echo) => echo.run(began + Number(line))));
    const messages = counts.reduce((sum, count) => sum + count, 0);
    console.log(JSON.stringify({ messages, seconds: (performance.now() - began) / 1000 }));
  })
  .on('close', () => process.exit(0));
