// A small answer in memory, its body read: CPU time, 64 in flight.
import { strict as assert } from 'node:assert';
import { abba, difference, level, paired, ratio } from '../lib/paired.mjs';

const PER_SAMPLE = 20_000;
const IN_FLIGHT = 64;

export async function fetches({ start, a, b, plan }) {
  const sample = async (server) => ({
    cpu: await server.ask(`fetches ${PER_SAMPLE} ${IN_FLIGHT}`),
  });
  const groups = await paired({
    start,
    a,
    b,
    plan,
    async warm(server) {
      assert.equal(await server.ask('hello'), '<p>Hello, world from .NET!</p>');
      await sample(server);
    },
    round: abba(sample),
  });
  const figures = {
    cpuA: level(groups, 'a', 'cpu'),
    cpuB: level(groups, 'b', 'cpu'),
    cpuAdded: difference(groups, 'cpu'),
    cpuRatio: ratio(groups, 'cpu'),
  };
  return { figures, raw: groups };
}
