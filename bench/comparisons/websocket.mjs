// Messages echoed on WebSockets: CPU time each, and how many or how many MB a second.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { abba, level, paired, ratio } from '../lib/paired.mjs';

const CLIENT = fileURLToPath(new URL('../lib/websocket-client.mjs', import.meta.url));
const MB = 1024 * 1024;

/** `connections` connections that each have one message of `bytes` under way. */
export const echo =
  ({ bytes, connections }) =>
  async ({ start, a, b, plan }) => {
    const clients = new Map();
    const load = async (server, seconds) => {
      const client = clients.get(server) ?? (await Client.start(server.port, connections, bytes));
      clients.set(server, client);
      return client.run(seconds);
    };
    const groups = await paired({
      start,
      a,
      b,
      plan,
      warm: (server) => load(server, plan.warmSeconds),
      round: abba(async (server) => {
        const before = await server.cpu();
        const { messages, seconds } = await load(server, plan.seconds);
        return {
          cpu: ((await server.cpu()) - before) / messages,
          perS: messages / seconds,
          mbPerS: (messages * bytes) / MB / seconds,
        };
      }),
      after: (server) => clients.get(server).stop(),
    });
    return {
      figures: Object.fromEntries(
        ['cpu', 'perS', 'mbPerS'].flatMap((key) => [
          [`${key}Ratio`, ratio(groups, key)],
          [`${key}A`, level(groups, 'a', key)],
          [`${key}B`, level(groups, 'b', key)],
        ]),
      ),
      raw: groups,
    };
  };

class Client {
  static async start(port, connections, bytes) {
    const client = new Client();
    const options = JSON.stringify({ port, connections, bytes });
    client.child = spawn(process.execPath, [CLIENT, options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    client.lines = createInterface({ input: client.child.stdout })[Symbol.asyncIterator]();
    await client.answer();
    return client;
  }

  async run(seconds) {
    this.child.stdin.write(`${seconds * 1000}\n`);
    return this.answer();
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the WebSocket client ended');
    return JSON.parse(value);
  }

  async stop() {
    const exit = once(this.child, 'exit');
    this.child.stdin.end();
    await exit;
  }
}
