// What a run says: each figure with its 95 % interval and, where something is asked of it, met or missed.

/** A comparison's figures as rows of the table, with their verdicts. */
export function judge(comparison, figures) {
  return comparison.figures.map(([key, label, unit, must, aim]) => {
    const figure = figures[key];
    return {
      key,
      label,
      unit,
      ...figure,
      ...limit('must', figure, must),
      ...limit('aim', figure, aim),
    };
  });
}

function limit(name, { value, low, high }, at) {
  if (at === undefined) return {};
  return { [name]: { at, met: value <= at, sure: high <= at || low > at } };
}

export function printRows(rows) {
  for (const { label, unit, value, low, high, must, aim } of rows) {
    const figure = `${short(value)} ${unit}`.trim();
    const interval = `[${short(low)}, ${short(high)}]`;
    console.log(
      `  ${label.padEnd(36)} ${figure.padStart(12)}  ${interval.padEnd(20)} ${verdict('must', must)} ${verdict('aim', aim)}`.trimEnd(),
    );
  }
}

function verdict(name, limit) {
  if (!limit) return '';
  return `${name} <= ${limit.at}: ${limit.met ? 'met' : 'MISSED'}${limit.sure ? '' : ' (within noise)'}`;
}

/** What every target came to, in one line and the list of those missed. */
export function printSummary(results) {
  const all = results.flatMap(({ name, rows = [] }) =>
    rows.filter((row) => row.must).map((row) => ({ name, ...row })),
  );
  const missed = all.filter((row) => !row.must.met);
  console.log(`\n${all.length - missed.length} of ${all.length} targets met`);
  for (const { name, label, value, unit, must } of missed) {
    console.log(`  missed: ${name}: ${label} ${short(value)} ${unit} (must <= ${must.at})`);
  }
  for (const { name, error } of results.filter((result) => result.error)) {
    console.log(`  failed: ${name}: ${error.split('\n')[0]}`);
  }
}

/** Columns of text, the first to the left, the others to the right. */
export function printTable(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const [first, ...rest] of rows) {
    const cells = rest.map((cell, i) => cell.padStart(widths[i + 1]));
    console.log(`  ${first.padEnd(widths[0])}  ${cells.join('  ')}`.trimEnd());
  }
}

export function short(number) {
  const size = Math.abs(number);
  return number.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
