// The memory of plain express, of the CLR with a first handler, of a second handler, and of another assembly.
//
// Each is read after one request. What one more request to the same handler touches is a step of its own, or it
// would count as the second handler's.
import { setTimeout } from 'node:timers/promises';
import { assembly } from '../lib/dotnet.mjs';
import { short } from '../lib/report.mjs';
import { estimate } from '../lib/stats.mjs';
import { verifyHello } from './hello.mjs';

const MB = 1024 * 1024;
const SETTLE = 400;
const KINDS = ['privateDirty', 'rss', 'pss'];

const steps = [
  { key: 'plain', path: '/plain' },
  { key: 'first', mount: '/first', path: '/first/hello', dll: assembly('Bench.App') },
  { key: 'again', path: '/first/hello' },
  { key: 'second', mount: '/second', path: '/second/hello', dll: assembly('Bench.App') },
  { key: 'other', mount: '/other', path: '/other/hello', dll: assembly('Bench.Second') },
];

export async function memory({ start, a, plan }) {
  const raw = [];
  for (let i = 0; i < plan.memoryStarts; i++) {
    const server = await start(a);
    try {
      const sizes = {};
      for (const { key, mount, path, dll } of steps) {
        if (mount) await server.ask(`mount ${mount} ${dll}`);
        await verifyHello(server, path);
        await setTimeout(SETTLE);
        sizes[key] = server.memory();
      }
      raw.push(sizes);
    } finally {
      await server.stop();
    }
  }
  const figures = growths(raw);
  return { figures, table: table(figures), raw };
}

/** Beside the working set that the article of 2013 measured for the same two steps. */
function table(figures) {
  const row = (title, key, article) => [
    title,
    ...KINDS.map((kind) => short(figures[`${key}.${kind}`].value)),
    article,
  ];
  return [
    ['MB', 'Private_Dirty', 'RSS', 'PSS', '2013, working set'],
    row('plain express', 'plain', ''),
    row('+ CLR and first handler', 'first', '8.5'),
    row('+ one more request to it', 'again', ''),
    row('+ second handler', 'second', '0.032'),
    row('+ a handler of another assembly', 'other', ''),
  ];
}

/** Each step's growth over the one before it, in MB; of plain express, its size. */
function growths(raw) {
  const figures = {};
  for (const [i, { key }] of steps.entries()) {
    for (const kind of KINDS) {
      const before = (sizes) => (i ? sizes[steps[i - 1].key][kind] : 0);
      const values = raw.map((sizes) => [(sizes[key][kind] - before(sizes)) / MB]);
      figures[`${key}.${kind}`] = estimate(values);
    }
  }
  return figures;
}
