// A nats-server of the test file's own, and connections to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, onTestFinished } from 'vitest';

const program = '/usr/sbin/nats-server';

/** Starts the server; gives its address. It ends with the test file. */
export async function startNats(
  ...args: string[]
): Promise<{ servers: string; server: ChildProcess }> {
  const server = spawn(program, ['-a', '127.0.0.1', '-p', '-1', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  afterAll(async () => {
    if (server.kill('SIGKILL')) await once(server, 'exit');
  });
  let said = '';
  for await (const chunk of server.stderr) {
    said += chunk;
    const port = said.match(/client connections on 127\.0\.0\.1:(\d+)/)?.[1];
    if (port && said.includes('Server is ready')) {
      server.stderr.on('data', () => {});
      return { servers: `127.0.0.1:${port}`, server };
    }
  }
  throw new Error(`${program} has ended: ${said}`);
}

/** A connection that is closed when the test ends. */
export async function connection(servers: string): Promise<NatsConnection> {
  const made = await connect({ servers, reconnectTimeWait: 100, maxReconnectAttempts: -1 });
  onTestFinished(() => made.close());
  return made;
}
