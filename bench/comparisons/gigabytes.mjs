// Gigabytes through one process: what stays behind in it of each.
import { request } from '../lib/load.mjs';
import { estimate } from '../lib/stats.mjs';
import { directions } from './transfer.mjs';

const MB = 1024 * 1024;
const GB = 1024 * MB;
const GIGABYTES = 4;

/** RSS after one warming GB and after each of four more, both heaps collected before each reading. */
export async function gigabytes({ start, a, b }) {
  const figures = {};
  const raw = {};
  for (const direction of ['up', 'down']) {
    for (const [side, kind] of [
      ['A', a],
      ['B', b],
    ]) {
      const server = await start(kind);
      try {
        const sizes = [];
        for (let i = 0; i <= GIGABYTES; i++) {
          await directions[direction](server, GB);
          sizes.push((await collectedRss(server)) / MB);
        }
        raw[`${direction}${side}`] = sizes;
        figures[`${direction}Growth${side}`] = estimate([slopes(sizes)]);
      } finally {
        await server.stop();
      }
    }
  }
  return { figures, raw };
}

async function collectedRss(server) {
  if (server.name.includes('owin')) await request(server, '/collect?on=once');
  await server.ask('gc');
  return server.memory().rss;
}

/** Theil-Sen: the slopes between all two points; their median is the growth a GB. */
function slopes(sizes) {
  return sizes.flatMap((size, i) =>
    sizes.slice(i + 1).map((later, step) => (later - size) / (step + 1)),
  );
}
