// A large body through a route: CPU time a MB, and how far the memory rises meanwhile.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { fileOf } from '../lib/files.mjs';
import { download, upload, uploaded } from '../lib/load.mjs';
import { abba, difference, level, paired, ratio } from '../lib/paired.mjs';
import { estimate } from '../lib/stats.mjs';

const MB = 1024 * 1024;
const MEGABYTES = 64;
const SMALL = 256 * 1024;
const WARM_TRANSFERS = 100;

/** Each moves `bytes` and fails on a wrong answer. */
export const directions = {
  async up(server, bytes) {
    assert.equal(await upload(server, '/upload', bytes), sentDigest(bytes));
  },
  async down(server, bytes) {
    assert.equal(await download(server, `/download?n=${bytes}`), bytes);
  },
  async file(server, bytes) {
    fileOf(bytes);
    assert.equal(await download(server, filePath(server, bytes)), bytes);
  },
};

// The one side of a comparison of two .NET routes has the other route.
const filePath = ({ name }, bytes) => `/${name.endsWith('written') ? 'written' : 'files'}/${bytes}`;

/** The comparison in one direction: 'up', 'down', or a file down. */
export const transfer =
  (direction, megabytes = MEGABYTES) =>
  async ({ start, a, b, plan }) => {
    const move = directions[direction];
    const size = megabytes * MB;
    const groups = await paired({
      start,
      a,
      b,
      plan,
      // Small bodies only: a first large one would hide in the idle size what a route that buffers it keeps.
      async warm(server) {
        if (direction === 'down') await verifyDownload(server, `/download?n=${SMALL}`);
        if (direction === 'file') {
          fileOf(SMALL);
          await verifyDownload(server, filePath(server, SMALL));
        }
        for (let i = 0; i < WARM_TRANSFERS; i++) await move(server, SMALL);
        server.resetPeak();
        const idle = server.memory().rss;
        // Until what both sides compile in the background is compiled.
        const until = performance.now() + plan.warmSeconds * 1000;
        do await move(server, size);
        while (performance.now() < until);
        return idle;
      },
      round: abba(async (server) => {
        const [before, began] = [await server.cpu(), performance.now()];
        await move(server, size);
        const seconds = (performance.now() - began) / 1000;
        return {
          cpuPerMb: ((await server.cpu()) - before) / megabytes,
          mbPerS: megabytes / seconds,
        };
      }),
      after: (server, idle) => (server.peakRss() - idle) / MB,
    });
    const rise = (value) => estimate(groups.map(({ after }) => [value(after)]));
    return {
      figures: {
        cpuRatio: ratio(groups, 'cpuPerMb'),
        cpuPerMbA: level(groups, 'a', 'cpuPerMb'),
        cpuPerMbB: level(groups, 'b', 'cpuPerMb'),
        cpuPerMbAdded: difference(groups, 'cpuPerMb'),
        mbPerSA: level(groups, 'a', 'mbPerS'),
        mbPerSB: level(groups, 'b', 'mbPerS'),
        riseAdded: rise((after) => after.a - after.b),
        riseA: rise((after) => after.a),
        riseB: rise((after) => after.b),
      },
      raw: groups,
    };
  };

async function verifyDownload(server, path) {
  const hash = createHash('sha256');
  await download(server, path, (chunk) => hash.update(chunk));
  const want = createHash('sha256').update(Buffer.alloc(SMALL).map((_, i) => i % 251));
  assert.equal(
    hash.digest('hex'),
    want.digest('hex'),
    `${server.name}: the downloaded bytes are wrong`,
  );
}

const digests = new Map();

function sentDigest(bytes) {
  if (!digests.has(bytes)) {
    const hash = createHash('sha256');
    for (const chunk of uploaded(bytes)) hash.update(chunk);
    digests.set(bytes, hash.digest('hex'));
  }
  return digests.get(bytes);
}
