// The types of an assembly name exactly what owin.load() has of it.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import owin from 'owin';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Program } from './program.ts';

const folder = path.join(import.meta.dirname, '../../build/test/types-members');
const declarations = path.join(folder, 'Typed.owin.d.mts');
/** `Acme.Hashing.Hasher.new`, and `Acme.Hashing.Hasher#append` of its objects. */
type Members = string[];

/** What the text says. */
function declared(): Members {
  const options: ts.CompilerOptions = {
    ...{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true },
    ...{ lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'], types: ['node'] },
  };
  const program = ts.createProgram([declarations], options);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(declarations) as ts.SourceFile;
  const found: Members = [];
  const visit = (name: string, type: ts.Type) => {
    if (type.getCallSignatures().length === 0) {
      for (const each of checker.getPropertiesOfType(type))
        visit(`${name}.${each.name}`, checker.getTypeOfSymbol(each));
      return;
    }
    found.push(name, ...partsOf(name, type));
    if (!name.endsWith('.new')) return;
    const [made] = type.getCallSignatures();
    const object = checker.getAwaitedType((made as ts.Signature).getReturnType()) as ts.Type;
    for (const each of checker.getPropertiesOfType(object)) {
      if (/^__@(d|asyncD)ispose/.test(each.name)) continue;
      const member = checker.getTypeOfSymbol(each);
      const full = `${name.slice(0, -'.new'.length)}#${each.name}`;
      found.push(full, ...partsOf(full, member));
    }
  };
  for (const each of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol))
    if (each.flags & ts.SymbolFlags.Value) visit(each.name, checker.getTypeOfSymbol(each));
  return found.sort();
}

/** What hangs on a member: `sync`, and `set` of a property. */
const partsOf = (name: string, type: ts.Type): Members =>
  ['sync', 'set'].filter((part) => type.getProperty(part)).map((part) => `${name}.${part}`);

/** What is there. */
async function loaded(): Promise<Members> {
  const found: Members = [];
  const visit = async (name: string, value: Record<string, unknown>) => {
    for (const [key, member] of Object.entries(value)) {
      const full = `${name}${key}`;
      if (typeof member !== 'function') {
        await visit(`${full}.`, member as Record<string, unknown>);
        continue;
      }
      found.push(full, ...(await partsThere(full, member as Method)));
      if (key !== 'new') continue;
      // Each class of the assembly can be made of nothing, or of a number.
      const object = await (member as Method)().catch(() => (member as Method)(1));
      for (const each of membersOf(object)) {
        const named = `${name.slice(0, -1)}#${each}`;
        const method = (object as Record<string, Method>)[each] as Method;
        found.push(named);
        if (each !== 'dispose' && each !== 'events')
          found.push(...(await partsThere(named, method)));
      }
    }
  };
  await visit('', await owin.load(appPath('Typed')));
  return found.sort();
}

type Method = ((...args: unknown[]) => Promise<unknown>) & {
  sync(...args: unknown[]): unknown;
  set?: unknown;
};

async function partsThere(name: string, method: Method): Promise<Members> {
  const parts = (await isSync(method)) ? [`${name}.sync`] : [];
  return method.set ? [...parts, `${name}.set`] : parts;
}

// Methods are bound when they are first called; these calls may fail for their arguments.
async function isSync(method: Method): Promise<boolean> {
  const error = await method(...TOO_MANY).catch((error: unknown) => error);
  // A property that can be written only.
  if ((error as { code?: string }).code === 'ERR_OWIN_FUNCTION_NOT_FOUND') return false;
  try {
    method.sync(...TOO_MANY);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ERR_OWIN_FUNCTION_SIGNATURE';
  }
}

const TOO_MANY = Array.from({ length: 40 }, () => ({}));

function membersOf(object: unknown): string[] {
  const names = new Set<string>();
  for (
    let at = Object.getPrototypeOf(object);
    at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  )
    for (const each of Object.getOwnPropertyNames(at)) names.add(each);
  names.delete('constructor');
  return [...names];
}

test('the types name what is there, and what is there is in the types', async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const program = new Program(['types', appPath('Typed'), '--out', folder]);
  expect(await program.exit(), program.stderr).toMatchObject({ code: 0 });
  const there = await loaded();
  // Every object has events(), of which the types know names only where the class has some.
  const withEvents = ['Acme.Odd.LoudSource', 'Acme.Odd.Source', 'Acme.Hashing.Hasher'];
  expect(there.length).toBeGreaterThan(60);
  expect(declared()).toEqual(
    there.filter((each) => {
      const [type, member] = each.split('#') as [string, string];
      return member !== 'events' || withEvents.includes(type);
    }),
  );
});
