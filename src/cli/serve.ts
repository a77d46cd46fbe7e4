import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { AppInfo } from '../hosting/app-info.ts';
import type { Handler } from '../http/middleware.ts';
import { describeFailure, fail } from './failure.ts';

const LAST_BYTES_MS = 2_000;

interface ServeOptions {
  port: number;
  host?: string;
  watch: boolean;
}

/** `owin serve`: an app behind an HTTP server, nothing else. */
export function serve(): Command {
  return new Command('serve')
    .description('Serve a .NET app over HTTP, until Ctrl+C')
    .argument('<app>', 'an assembly (.dll), a C# file, a project, or a folder with either')
    .addOption(
      new Option('-p, --port <number>', 'port to listen on; 0: any that is free')
        .default(3000)
        .env('PORT')
        .argParser(parsePort),
    )
    .option('--host <address>', 'address to listen on (default: all)')
    .option('-w, --watch', 'load the app anew when its files change', false)
    .action(run);
}

async function run(source: string, { port, host, watch }: ServeOptions): Promise<void> {
  const { owin } = await import('../index.ts');
  const handler = owin(source, { watch });
  handler.on('error', print);
  handler.on('reload', (info) => console.log(`Loaded anew: ${describe(info)}`));
  const server = http.createServer((req, res) => handler(req, res));
  owin.attach(server);
  handler.once('exit', ({ code, error }) => {
    if (error) print(error);
    stop(server, handler).then(() => process.exit(error ? 1 : code), fail);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop(server, handler).then(() => process.exit(0), fail));

  const loaded = handler.ready.then((info) => console.log(describe(info)));
  // A source that does not compile yet may be mended while it is watched.
  await (watch ? loaded.catch(print) : loaded);
  await listen(server, port, host);
  const { address, port: taken } = server.address() as AddressInfo;
  console.log(`Listening on http://${host ? bracketed(address) : 'localhost'}:${taken}`);
}

async function listen(server: http.Server, port: number, host: string | undefined): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const { code } = error;
    throw code === 'EADDRINUSE' ? `Port ${port} is in use. Choose another one with --port.` : error;
  });
}

/** Takes no more, and waits for what is in flight. A second signal ends the process at once. */
async function stop(server: http.Server, handler: Handler): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await handler.close();
  server.closeIdleConnections();
  await Promise.race([closed, setTimeout(LAST_BYTES_MS)]);
}

const print = (error: unknown): void => console.error(describeFailure(error));

const describe = ({ location, type, method, runtime }: AppInfo): string =>
  `${location}: ${type}.${method}, on .NET ${runtime}`;

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port < 65_536) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
