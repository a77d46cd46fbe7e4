// What the package exports is documented where an editor shows it, and named in docs/api.md.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const entries = ['src/index.ts', 'src/nats/index.ts'].map((each) => path.join(root, each));
const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

const exported = entries.flatMap((file) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile);
  return checker
    .getExportsOfModule(module as ts.Symbol)
    .map((symbol) => ({
      name: symbol.name,
      symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }))
    .filter(({ name }) => name !== 'default' && name !== 'module.exports');
});

const isDocumented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0;

/** The members that users see, of this package. */
function membersOf(symbol: ts.Symbol): ts.Symbol[] {
  if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) return [];
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter((member) => {
    const [declaration] = member.declarations as [ts.NamedDeclaration];
    return (
      declaration.getSourceFile().fileName.startsWith(path.join(root, 'src')) &&
      !ts.isPrivateIdentifier(declaration.name ?? declaration) &&
      !member.name.startsWith('__@') &&
      !ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === 'internal')
    );
  });
}

test('every export and every member of one says what it is', () => {
  const silent = exported.flatMap(({ name, symbol }) => [
    ...(isDocumented(symbol) ? [] : [name]),
    ...membersOf(symbol)
      .filter((member) => !isDocumented(member))
      .map((member) => `${name}.${member.name}`),
  ]);
  expect(exported.length).toBeGreaterThan(60);
  expect(silent).toEqual([]);
});

test('docs/api.md names every export, and nothing else', () => {
  const page = readFileSync(path.join(root, 'docs/api.md'), 'utf8');
  const firstCells = [...page.matchAll(/^\| (`[^|]*) \|/gm)].map((match) => match[1] as string);
  const named = firstCells.flatMap((cell) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(exported.map(({ name }) => name).sort());
});
