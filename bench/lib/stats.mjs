// Medians, quantiles and bootstrap intervals over measurements that come in groups.
//
// A group is one start of the measured processes. Two starts of the same program differ more than two
// samples of one start (memory layout, JIT decisions), so the bootstrap resamples starts first, then
// the samples within them. The generator is seeded: the same measurements give the same interval.

const RESAMPLES = 4000;
const SEED = 0x0b5e55ed;

export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export const median = (values) => quantile(values, 0.5);

/** Median of all values with its 95 % interval: `{ value, low, high }`. */
export function estimate(groups) {
  const random = generator(SEED);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(
      groups.flatMap(() => {
        const group = pick(groups);
        return group.map(() => pick(group));
      }),
    ),
  );
  return {
    value: median(groups.flat()),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
  };
}

// mulberry32: 32 bits of state are plenty for a few hundred thousand draws.
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
