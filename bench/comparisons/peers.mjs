// Functions against other ways to call .NET from Node, or to burn a processor beside it.

import { availableParallelism } from 'node:os';
import { jobs } from '../lib/load.mjs';
import { abba, level, paired, ratio } from '../lib/paired.mjs';
import { payload } from '../lib/payload.mjs';
import { queens } from '../lib/queens.mjs';

const SIZE = 13;
const LANES = 4;
const EACH = { '/plain': 20, '/hello': 100 };

/** What is called: [key, command of servers/peers/server.mjs, how often]. */
const calls = [
  ['none', 'none 64', 19_200],
  ['hop', 'hop 64', 19_200],
  ['object', 'object 64', 6_400],
  ['64k', 'buffer 64', 3_200, 65_536],
  ['1m', 'buffer 8', 160, 1_048_576],
];

/** CPU of each kind of call. */
export async function peerCalls({ start, a, b, plan }) {
  const each = async (server) => {
    const cpu = {};
    for (const [key, command, count, bytes = 0] of calls)
      cpu[key] = (await server.ask(`measure ${command} ${count} ${bytes}`)).cpu / count;
    return cpu;
  };
  const groups = await paired({
    start,
    a,
    b,
    plan,
    async warm(server) {
      await check(server);
      for (let i = 0; i < 3; i++) await each(server);
    },
    round: abba(each),
  });
  const figures = calls.flatMap(([key]) => [
    [`${key}A`, level(groups, 'a', key)],
    [`${key}B`, level(groups, 'b', key)],
    [`${key}Ratio`, ratio(groups, key)],
  ]);
  return { figures: Object.fromEntries(figures), raw: groups };
}

async function check(server) {
  const [id, street, notes] = await server.ask('sample object');
  const { id: ownId, address, notes: ownNotes } = payload();
  if (id !== ownId || street !== address.street || notes !== ownNotes)
    throw new Error(`${server.name} gives another object back.`);
  const length = await server.ask('sample buffer 65536');
  if (length !== 65_536) throw new Error(`${server.name} gives ${length} of 65,536 bytes back`);
}

/** CPU of a job, four at a time, and how late a route in JavaScript and one in .NET are meanwhile. */
export async function peerJobs({ start, a, b, plan }) {
  const answer = String(queens(SIZE));
  const sample = async (server, count = plan.jobs) => {
    const before = await server.cpu();
    const work = { path: `/job?n=${SIZE}`, answer, count, lanes: LANES, probes: EACH };
    const { ms, probes } = await jobs(server, work);
    return {
      cpu: ((await server.cpu()) - before) / count / 1000,
      perS: (count * 1000) / ms,
      plain50: probes['/plain'].p50,
      plain99: probes['/plain'].p99,
      hello50: probes['/hello'].p50,
    };
  };
  const groups = await paired({
    start,
    a,
    b,
    plan: { ...plan, rounds: plan.loopRounds },
    // Each thread has to compile it.
    warm: (server) => sample(server, 4 * availableParallelism()),
    round: abba(sample),
  });
  return {
    figures: {
      cpuRatio: ratio(groups, 'cpu'),
      plain99Ratio: ratio(groups, 'plain99'),
      hello50A: level(groups, 'a', 'hello50'),
      hello50B: level(groups, 'b', 'hello50'),
      plain99A: level(groups, 'a', 'plain99'),
      plain99B: level(groups, 'b', 'plain99'),
      cpuA: level(groups, 'a', 'cpu'),
      cpuB: level(groups, 'b', 'cpu'),
      perSA: level(groups, 'a', 'perS'),
      perSB: level(groups, 'b', 'perS'),
    },
    raw: groups,
  };
}
