// What a million calls of functions leave in memory.
import { slope } from '../../test/soak/figures.mjs';
import { buildTrim } from '../../test/support/trim.mjs';

const CALLS = 1_000_000;
const STEPS = 20;
// Before the first that counts: what is called often enough is compiled, what reads the memory too.
const WARM_STEPS = 10;
const KINDS = ['none 64', 'object 64'];

/** Slopes of least squares, in bytes a call, over readings with both heaps collected. */
export async function callsMemory({ start, a }) {
  const trim = buildTrim();
  const server = await start(a);
  const call = async (count) => {
    for (const kind of KINDS) await server.ask(`measure calls ${kind} ${count / KINDS.length}`);
  };
  const read = async (calls) => {
    const { heap, managed } = await server.ask(`held ${trim}`);
    return { calls, own: server.memory().privateDirty, heap, managed };
  };
  try {
    const all = [];
    for (let i = -WARM_STEPS; i <= STEPS; i++) {
      await call(CALLS / STEPS);
      all.push(await read((CALLS / STEPS) * i));
    }
    const raw = all.filter(({ calls }) => calls >= 0);
    const figure = (key) => slope(raw.map((each) => [each.calls, each[key]]));
    return {
      figures: { own: figure('own'), heap: figure('heap'), managed: figure('managed') },
      raw,
    };
  } finally {
    await server.stop();
  }
}
