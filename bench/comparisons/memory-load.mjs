// Memory while requests come: the largest Private_Dirty of each side under load, sampled.

import { difference, level, paired } from '../lib/paired.mjs';
import { short } from '../lib/report.mjs';
import { estimate } from '../lib/stats.mjs';
import { wrk } from '../lib/wrk.mjs';
import { underLoad, verifyHello } from './hello.mjs';

const MB = 1024 * 1024;
const PERIOD = 100;

/** CPU of a handler that allocates 50 KB a request. */
export const allocating = underLoad('/allocate', {
  verify: (server) => verifyHello(server, '/allocate'),
});

/** A allocates 50 KB a request in .NET, B is plain express. */
export async function memoryUnderLoad({ start, a, b, plan }) {
  const path = (server) => (server.name === a ? '/allocate' : '/hello');
  const groups = await paired({
    start,
    a,
    b,
    plan: { ...plan, rounds: 1 },
    warm: (server) => verifyHello(server, path(server)),
    round: async (servers) => [
      {
        a: await peak(servers.a, path(servers.a), plan),
        b: await peak(servers.b, path(servers.b), plan),
      },
    ],
  });
  const figures = {
    privateAdded: difference(groups, 'privateDirty'),
    privateA: level(groups, 'a', 'privateDirty'),
    privateB: level(groups, 'b', 'privateDirty'),
    rssAdded: difference(groups, 'rss'),
  };
  return { figures, raw: groups };
}

async function peak(server, path, { warmSeconds, seconds }) {
  const largest = { privateDirty: 0, rss: 0 };
  const sampling = setInterval(() => {
    const now = server.memory();
    for (const key of Object.keys(largest)) largest[key] = Math.max(largest[key], now[key] / MB);
  }, PERIOD);
  await wrk(server, path, { seconds: warmSeconds + seconds });
  clearInterval(sampling);
  return largest;
}

const BUDGETS = [0, 2, 4, 8, 16, 32, 64];

/** The same with several gen0 budgets, in turns: what each costs, and what it saves. */
export async function budgets({ start, plan }) {
  const raw = [];
  for (let i = 0; i < plan.memoryStarts; i++) {
    const servers = await Promise.all(BUDGETS.map((mb) => start(`express-owin-budget-${mb}`)));
    try {
      for (const server of servers)
        await wrk(server, '/allocate', { seconds: plan.warmSeconds / 2 });
      for (let round = 0; round < plan.rounds; round++) {
        const order = servers.map((_, at) => (at + round) % servers.length);
        const row = [];
        for (const at of round % 2 ? order.reverse() : order) {
          const before = await servers[at].cpu();
          const requests = await wrk(servers[at], '/allocate', { seconds: plan.seconds });
          const cpu = ((await servers[at].cpu()) - before) / requests;
          row[at] = { cpu, privateDirty: servers[at].memory().privateDirty / MB };
        }
        raw.push(row);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  }
  const figures = {};
  for (const [at, mb] of BUDGETS.entries()) {
    figures[`cpu${mb}`] = estimate(raw.map((row) => [row[at].cpu / row[0].cpu]));
    figures[`private${mb}`] = estimate(raw.map((row) => [row[at].privateDirty]));
  }
  const table = [
    ['gen0 budget', "CPU, x .NET's own", 'Private_Dirty, MB'],
    ...BUDGETS.map((mb) => [
      mb ? `${mb} MB` : ".NET's own",
      short(figures[`cpu${mb}`].value),
      short(figures[`private${mb}`].value),
    ]),
  ];
  return { figures, table, raw };
}
