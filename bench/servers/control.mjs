// The server's end of the side channel described in lib/process.mjs.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const delay = monitorEventLoopDelay({ resolution: 1 });

const commands = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  watchLoop() {
    delay.reset();
    delay.enable();
  },
  loopDelay() {
    delay.disable();
    return {
      p50: delay.percentile(50) / 1e6,
      p99: delay.percentile(99) / 1e6,
      max: delay.max / 1e6,
    };
  },
  gc: () => globalThis.gc(),
};

/** Listens on a free port of loopback and answers commands: the ones above and the server's own. */
export function serve(server, own = {}) {
  const all = { ...commands, ...own };
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const [name, ...args] = line.split(' ');
      try {
        say({ ok: (await all[name](...args)) ?? null });
      } catch (error) {
        say({ error: error.stack });
      }
    })
    .on('close', () => process.exit(0));
}
