import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * The names of all tests in a file, from its text: `file > describe > … > test`. A title of `each` stands as it is
 * written, with its placeholders.
 */
export function testNames(file: string): string[] {
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const names: string[] = [];
  visit(source, [path.basename(file)]);
  return names;

  function visit(node: ts.Node, parents: string[]): void {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined;
    if (title?.kind === 'test') names.push([...parents, title.text].join(' > '));
    const inside = title?.kind === 'describe' ? [...parents, title.text] : parents;
    ts.forEachChild(node, (child) => visit(child, inside));
  }
}

/** Kind and title of `test('…')`, `describe('…')`, or either with `.each(…)`. */
function titleOf(call: ts.CallExpression): { kind: string; text: string } | undefined {
  const [first] = call.arguments;
  if (!first || !ts.isStringLiteralLike(first)) return undefined;
  let callee: ts.Expression = call.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee))
    callee = callee.expression;
  if (!ts.isIdentifier(callee) || !['test', 'describe'].includes(callee.text)) return undefined;
  return { kind: callee.text, text: first.text };
}
