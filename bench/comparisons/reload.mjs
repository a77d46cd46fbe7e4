// Reloads of an assembly: how long one takes, and what stays behind in memory of each.
import { setTimeout } from 'node:timers/promises';
import { request } from '../lib/load.mjs';
import { estimate } from '../lib/stats.mjs';

const WARM = 100;
const STEP = 50;
const STEPS = 5;
const KB = 1024;
// .NET frees the loader's memory of what was unloaded in the background.
const SETTLE_MS = 2_000;

export async function reload({ start, a }) {
  const server = await start(a);
  try {
    await server.ask(`reload ${WARM}`);
    const times = [];
    const sizes = [await collected(server)];
    for (let i = 0; i < STEPS; i++) {
      times.push(...(await server.ask(`reload ${STEP}`)));
      sizes.push(await collected(server));
    }
    const growth = sizes.flatMap((size, i) =>
      sizes.slice(i + 1).map((later, step) => (later - size) / KB / STEP / (step + 1)),
    );
    return {
      figures: { ms: estimate([times]), growth: estimate([growth]) },
      raw: { times, sizes },
    };
  } finally {
    await server.stop();
  }
}

/** Private_Dirty when the versions that were left have gone, and both heaps are collected. */
async function collected(server) {
  await setTimeout(SETTLE_MS);
  await request(server, '/collect');
  await server.ask('gc');
  return server.memory().privateDirty;
}
