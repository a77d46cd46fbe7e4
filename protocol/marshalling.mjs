// docs/marshalling.md, from the table that test/integration/marshalling.test.ts runs.

/** The document. `table` is what marshalling.json holds, `notice` says where it comes from. */
export function marshallingDocs(table, notice) {
  const out = ['# Values across the boundary', '', `<!-- ${notice} -->`, '', ...table.intro, ''];
  out.push('| .NET | takes from JavaScript | gives to JavaScript | rule |', '|---|---|---|---|');
  const rows = [...table.types, ...table.handles];
  for (const { type, takes, gives, rule } of rows)
    out.push(`| ${code(type)} | ${cell(takes)} | ${cell(gives)} | ${cell(rule ?? '')} |`);
  out.push('');
  for (const { title, lines } of table.sections) out.push(`## ${title}`, '', ...lines, '');
  out.push('## What is taken, and what is refused', '');
  out.push(
    'Each line is a test. The path of a value begins with `$` for all arguments, and the name of its parameter,',
  );
  out.push('which is `value` here.', '');
  for (const row of table.types) {
    out.push(`### ${row.type}`, '');
    out.push('| JavaScript | back in JavaScript, or why not |', '|---|---|');
    for (const value of row.values)
      out.push(`| ${code(value.in)} | ${value.out ? code(value.out) : 'the same'} |`);
    for (const value of row.refused) out.push(`| ${code(value.in)} | ${cell(value.because)} |`);
    out.push('');
  }
  return out.join('\n').trimEnd() + '\n';
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
