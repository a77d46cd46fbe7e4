// What calls of functions cost, and how late other answers are meanwhile.
import { availableParallelism } from 'node:os';
import { paced } from '../lib/load.mjs';
import { abba, level, paired, ratio } from '../lib/paired.mjs';

/** `count` operations of A against as many of B, both commands of servers/functions.mjs; CPU of each. */
export const functionCalls =
  ({ a: commandA, b: commandB, count }) =>
  async ({ start, a, b, plan }) => {
    const sample = async (server, side) => {
      const { cpu, ms } = await server.ask(`measure ${side === 'a' ? commandA : commandB}`);
      return { cpu: cpu / count, wall: (ms * 1000) / count };
    };
    const groups = await paired({
      start,
      a,
      b,
      plan,
      async warm(server, side) {
        const end = performance.now() + plan.warmSeconds * 1000;
        while (performance.now() < end) await sample(server, side);
      },
      async round(servers) {
        const pairs = [];
        for (let i = 0; i < 3; i++)
          pairs.push({ a: await sample(servers.a, 'a'), b: await sample(servers.b, 'b') });
        return pairs;
      },
    });
    return {
      figures: {
        cpuA: level(groups, 'a', 'cpu'),
        cpuB: level(groups, 'b', 'cpu'),
        cpuRatio: ratio(groups, 'cpu'),
        wallA: level(groups, 'a', 'wall'),
      },
      raw: groups,
    };
  };

/** How late a path is answered while functions burn on all processors, against the same without them. */
export const besideJobs =
  (path) =>
  async ({ start, a, b, plan }) => {
    const groups = await paired({
      start,
      a,
      b,
      plan: { ...plan, rounds: plan.loopRounds },
      warm: (server) => paced(server, path, { rate: 100, seconds: 1 }),
      round: abba(async (server) => {
        const jobs = server.name === a;
        if (jobs) await server.ask(`startJobs ${2 * availableParallelism()} 13`);
        const latency = await paced(server, path, { rate: 100, seconds: plan.loopSeconds });
        const done = jobs ? await server.ask('stopJobs') : 0;
        return { p50: latency.p50, p99: latency.p99, perS: done / plan.loopSeconds };
      }),
    });
    return {
      figures: {
        p50A: level(groups, 'a', 'p50'),
        p50B: level(groups, 'b', 'p50'),
        p99A: level(groups, 'a', 'p99'),
        p99B: level(groups, 'b', 'p99'),
        jobsA: level(groups, 'a', 'perS'),
      },
      raw: groups,
    };
  };
