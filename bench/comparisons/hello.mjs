// The same small answer from two servers under wrk: CPU time and requests a second.
import { strict as assert } from 'node:assert';
import { request } from '../lib/load.mjs';
import { difference, level, paired, ratio } from '../lib/paired.mjs';
import { wrk, wrkInTurns } from '../lib/wrk.mjs';

export const hello = underLoad('/hello', { verify: verifyHello });

/** One connection, one request at a time: what matters is the latency. */
export const lone = underLoad('/hello', { verify: verifyHello, connections: 1 });

/** Both servers under wrk on one path, after `verify(server)` has seen the answer. */
export function underLoad(path, { verify, ...load }) {
  return async ({ start, a, b, plan }) => {
    const groups = await paired({
      start,
      a,
      b,
      plan,
      async warm(server) {
        await verify(server);
        await wrk(server, path, { ...load, seconds: plan.warmSeconds });
      },
      round: async (servers) => [
        await wrkInTurns(servers, path, { ...load, seconds: plan.seconds }),
      ],
    });
    const figures = {
      cpuRatio: ratio(groups, 'cpu'),
      cpuAdded: difference(groups, 'cpu'),
      cpuA: level(groups, 'a', 'cpu'),
      cpuB: level(groups, 'b', 'cpu'),
      rpsRatio: ratio(groups, 'rps'),
      rpsA: level(groups, 'a', 'rps'),
      rpsB: level(groups, 'b', 'rps'),
      p50Added: difference(groups, 'p50'),
      p50A: level(groups, 'a', 'p50'),
      p50B: level(groups, 'b', 'p50'),
    };
    return { figures, raw: groups };
  };
}

/** Both sides of a comparison must send the same answer, or the ratio says nothing. */
export async function verifyHello(server, path = '/hello') {
  const { status, headers, body } = await request(server, path);
  const got = {
    status,
    type: headers['content-type'],
    length: headers['content-length'],
    body: `${body}`,
  };
  const want = {
    status: 200,
    type: 'text/html',
    length: '30',
    body: '<p>Hello, world from .NET!</p>',
  };
  assert.deepEqual(got, want, `${server.name} answers ${path} otherwise`);
}
