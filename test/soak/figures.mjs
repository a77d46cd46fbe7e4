// Slopes with their intervals.

/** Slope of y over x by least squares with its 95 % interval: `{ value, low, high }`. */
export function slope(points) {
  const n = points.length;
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / n;
  const [x0, y0] = [mean(([x]) => x), mean(([, y]) => y)];
  const xx = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  const value = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / xx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - y0 - value * (x - x0)) ** 2, 0);
  // Student's t, near enough from 5 degrees of freedom on.
  const t = 1.96 + 2.6 / (n - 2);
  const margin = t * Math.sqrt(rest / (n - 2) / xx);
  return { value, low: value - margin, high: value + margin };
}

/** A figure with its interval as text. */
export function show({ value, low, high }, digits = 2) {
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
