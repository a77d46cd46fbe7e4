// Small faults in bytes. `random` decides all of them, so the same seed makes the same faults.

/** Values at which lengths and counts tend to break. */
export const oddWords = [-1, 0, 1, 4, 7, 8, 24, 255, 65_536, 1 << 20, -(2 ** 31), 2 ** 31 - 1];

const mutations = [
  (random, bytes) => replace(bytes, random.below(bytes.length), 1, random.bytes(1)),
  (random, bytes) => {
    const at = random.below(bytes.length);
    return replace(bytes, at, 1, Buffer.of(bytes[at] ^ (1 << random.below(8))));
  },
  (random, bytes) =>
    replace(bytes, random.below(bytes.length), random.below(8), random.bytes(random.below(4))),
  (random, bytes) =>
    replace(bytes, random.below(bytes.length), random.below(bytes.length), Buffer.alloc(0)),
  (random, bytes) => {
    const at = random.below(bytes.length);
    return replace(bytes, at, 0, bytes.subarray(at, at + random.below(64)));
  },
  (random, bytes, { tokens }) =>
    replace(
      bytes,
      random.below(bytes.length),
      random.below(3),
      Buffer.from(random.pick(tokens), 'latin1'),
    ),
  (random, bytes, { others }) => {
    const other = random.pick(others);
    const at = random.below(other.length);
    return replace(
      bytes,
      random.below(bytes.length),
      random.below(64),
      other.subarray(at, at + random.below(256)),
    );
  },
  (random, bytes) => bytes.subarray(0, random.below(bytes.length)),
];

/**
 * One to six faults.
 *
 * @param material `tokens`: texts to insert; `others`: bytes to take pieces of
 */
export function mutate(random, bytes, material) {
  for (let left = 1 + random.below(6); left > 0 && bytes.length > 0; left--)
    bytes = random.pick(mutations)(random, bytes, material);
  return bytes;
}

function replace(bytes, at, count, by) {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + count)]);
}
