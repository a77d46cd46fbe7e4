// From the start of the process to the end of its first answer.
import { difference, level } from '../lib/paired.mjs';
import { verifyHello } from './hello.mjs';

export async function firstAnswer({ start, a, b, plan }) {
  async function time(kind) {
    const server = await start(kind);
    try {
      await verifyHello(server);
      return { ms: performance.now() - server.spawnedAt };
    } finally {
      await server.stop();
    }
  }

  const groups = [];
  for (let i = 0; i < plan.firstAnswers; i++) {
    const pairs = [];
    for (const [first, second] of [
      [a, b],
      [b, a],
    ]) {
      const [one, two] = [await time(first), await time(second)];
      pairs.push(first === a ? { a: one, b: two } : { a: two, b: one });
    }
    groups.push({ pairs });
  }
  return {
    figures: {
      msAdded: difference(groups, 'ms'),
      msA: level(groups, 'a', 'ms'),
      msB: level(groups, 'b', 'ms'),
    },
    raw: groups,
  };
}
