// A nats-server of the test file's own, and connections to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

const program = '/usr/sbin/nats-server';

export interface Nats {
  /** Its address. */
  servers: string;
  server: ChildProcess;
  stop(): Promise<void>;
}

/** Starts the server. Who starts it stops it: by what `beforeAll` returns, or by `onTestFinished`. */
export async function startNats(...args: string[]): Promise<Nats> {
  const server = spawn(program, ['-a', '127.0.0.1', '-p', '-1', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async () => {
    if (server.kill('SIGKILL')) await once(server, 'exit');
  };
  let said = '';
  for await (const chunk of server.stderr) {
    said += chunk;
    const port = said.match(/client connections on 127\.0\.0\.1:(\d+)/)?.[1];
    if (port && said.includes('Server is ready')) {
      server.stderr.on('data', () => {});
      return { servers: `127.0.0.1:${port}`, server, stop };
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
