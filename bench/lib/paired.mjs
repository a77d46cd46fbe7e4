// Two servers, both alive, measured A B B A: what drifts on the machine meets both sides alike.
import { estimate } from './stats.mjs';

/**
 * Measures `a` against `b` over `plan.starts` starts of both.
 *
 * In each start: `warm(server, 'a' or 'b')`, then `plan.rounds` times `round({ a, b })`, which gives a list of pairs
 * `{ a, b }` of measurements, then `after(server, warmed)`. Gives one group a start: `{ pairs, after: { a, b } }`.
 */
export async function paired({ start, a, b, plan, warm, round, after = () => null }) {
  const groups = [];
  for (let i = 0; i < plan.starts; i++) {
    const servers = {};
    try {
      for (const side of i % 2 ? ['b', 'a'] : ['a', 'b'])
        servers[side] = await start(side === 'a' ? a : b);
      const warmed = { a: await warm(servers.a, 'a'), b: await warm(servers.b, 'b') };
      const pairs = [];
      for (let n = 0; n < plan.rounds; n++) pairs.push(...(await round(servers)));
      groups.push({
        pairs,
        after: { a: await after(servers.a, warmed.a), b: await after(servers.b, warmed.b) },
      });
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  }
  return groups;
}

/** A round that measures one server at a time, A B B A. */
export const abba =
  (sample) =>
  async ({ a, b }) => {
    const [a1, b1, b2, a2] = [await sample(a), await sample(b), await sample(b), await sample(a)];
    return [
      { a: a1, b: b1 },
      { a: a2, b: b2 },
    ];
  };

const eachPair = (groups, value) => estimate(groups.map(({ pairs }) => pairs.map(value)));

/** A's figure over B's. */
export const ratio = (groups, key) => eachPair(groups, ({ a, b }) => a[key] / b[key]);

/** A's figure less B's. */
export const difference = (groups, key) => eachPair(groups, ({ a, b }) => a[key] - b[key]);

/** The figure of one side, 'a' or 'b', by itself. */
export const level = (groups, side, key) => eachPair(groups, (pair) => pair[side][key]);
