// Solutions of the puzzle with n queens, as dotnet/SharedCalls/Functions.cs counts them.
export function queens(n) {
  return place((1 << n) - 1, 0, 0, 0);
}

function place(all, columns, left, right) {
  if (columns === all) return 1;
  let count = 0;
  let free = all & ~(columns | left | right);
  while (free !== 0) {
    const bit = free & -free;
    free ^= bit;
    count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}
