// The programs in the pages about functions, databases and workers run as they stand there.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { startNats } from '../support/nats.ts';

const root = path.join(import.meta.dirname, '../..');
// In the clone, so that the programs find `owin` by name.
const folder = path.join(root, 'build/test/docs');
let nats: string;

beforeAll(async () => {
  const { servers, stop } = await startNats();
  nats = servers;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['Work', 'Typed', 'Kitchen'])
    cpSync(path.dirname(appPath(name)), folder, { recursive: true });
  cpSync(appPath('Kitchen'), path.join(folder, 'Shop.dll'));
  writeFileSync(path.join(folder, 'Primes.cs'), primes);
  const main = path.join(root, 'dist/cli/main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, 'types', 'Typed.dll'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  writeFileSync(path.join(folder, 'Work.owin.mjs'), "export * from './Typed.owin.mjs';");
  return stop;
});

const primes = `
namespace Primes;

public class Startup
{
    public int Execute(int input) => Enumerable.Range(2, 10).Count(n => input % n != 0);
}`;

/** What stands around the blocks of a page: their names, and what they need. */
const around = `
import owin from 'owin';
globalThis.owin = owin;
globalThis.buffer = Buffer.alloc(1000);
globalThis.signal = new AbortController().signal;
globalThis.bar = { update: (share) => console.log('progress', share > 0) };
`;

const pages: Record<string, { before: string; replace?: [string, string][]; says: string[] }> = {
  functions: {
    before: `
      const { Acme } = await owin.load('Work.dll');
      globalThis.Acme = Acme;
      globalThis.shelf = await Acme.Members.Shelf.new();
      globalThis.watcher = await (await owin.load('Typed.dll')).Acme.Odd.Source.new();
      const raise = async () => {
        while ((await watcher.listeners()) === 0);
        await watcher.raise();
      };
      raise();`,
    says: ['sha 64', 'width 2', 'change one 1'],
  },
  types: { before: '', says: ['progress true'] },
  sql: {
    before: `
      const sql = owin.sql({ connectionString: 'Data Source=shop.db' });
      await sql\`CREATE TABLE orders (id INTEGER, customer TEXT, paid INTEGER)\`;
      await sql\`INSERT INTO orders VALUES (1, 'Ella', 0)\`;
      for (const table of ['log', 'a', 'b']) {
        await sql\`CREATE TABLE \${sql.identifier(table)} (n INTEGER)\`;
        await sql\`INSERT INTO \${sql.identifier(table)} VALUES (\${7})\`;
      }
      await sql\`CREATE TABLE accounts (id INTEGER, balance INTEGER)\`;
      await sql\`INSERT INTO accounts VALUES (1, 10)\`;
      globalThis.sql = sql;
      globalThis.name = 'Ella';
      globalThis.id = 1;`,
    // It connects to nothing: sql-postgres.test.ts has a server.
    replace: [
      [
        'Data/bin/Release/net10.0/publish/Npgsql.dll',
        appPath('Postgres').replace(/[^/]+$/, 'Npgsql.dll'),
      ],
    ],
    says: ['row 7', 'rows 1, changed 1', 'set row 7', 'balance 9'],
  },
  'scale-out': {
    before: `
      import { connect } from '@nats-io/transport-node';
      import express from 'express';
      globalThis.app = express();
      globalThis.subject = 'shop';
      globalThis.connection = await connect({ servers: process.env.NATS });`,
    replace: [['nats.internal:4222', "' + process.env.NATS + '"]],
    says: ['shop says <p>Hello, world from .NET!</p>'],
  },
  'migrating-from-edge': {
    before: '',
    replace: [['Primes.dll', 'Primes.cs']],
    says: ['.NET welcomes JavaScript', 'result 5'],
  },
};

/** What is looked at behind a block, by a text that stands in it. */
const behind: [string, string][] = [
  ['sha = ', "console.log('sha', (await sha(buffer, 1)).length);"],
  ['shelf.', "console.log('width', await shelf.width());"],
  ['const changed = ', "console.log('rows ' + rows.length + ', changed ' + changed);"],
  ['sql.begin(', "console.log('balance', (await sql`SELECT balance FROM accounts`)[0].balance);"],
  ['Npgsql.dll', 'sql.ready.catch(() => {});'],
  [
    'relay({ connection',
    `const server = app.listen(0);
     const answer = await fetch('http://localhost:' + server.address().port + '/shop/hello');
     console.log('shop says', await answer.text());
     setImmediate(() => process.exit());`,
  ],
  ['worker.run', "console.log('result', result);"],
];

// What needs more than is here: other tests run the example of BullMQ, and a relay of Azure's shape.
const elsewhere = /'bullmq'|'hyco-https'/;

function blocks(page: string): string[] {
  const text = readFileSync(path.join(root, 'docs', `${page}.md`), 'utf8');
  return [...text.matchAll(/^```(?:js|ts)\n(.*?)^```$/gms)]
    .map((match) => match[1] as string)
    .filter((block) => !elsewhere.test(block));
}

/** A block as a module: loops with their bodies, `using` for versions of Node that lack it. */
function runnable(block: string, replace: [string, string][] = []): string {
  let program = block
    .replace('await sql.close(); ', '')
    .replace(
      /for await \(const (\w+) of (\w+)\) …/,
      "for await (const $1 of $2) { console.log('set row', $1.n); break; }",
    )
    .replace(
      /for await \(const (\w+) of (watcher.*)\) …/,
      "for await (const $1 of $2) { console.log('$1', $1.text, $1.number); break; }",
    )
    .replace(
      /for await \(const (\w+) of (.*)\) …/,
      "for await (const $1 of $2) { console.log('$1', $1.n); break; }",
    );
  for (const [from, to] of replace) program = program.replaceAll(from, to);
  program += behind
    .filter(([text]) => block.includes(text))
    .map(([, code]) => code)
    .join('\n');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(program, { compilerOptions }).outputText;
}

test.each(Object.entries(pages))(
  'docs/%s.md',
  (page, { before, replace, says }) => {
    const files = blocks(page).map((block, i) => {
      writeFileSync(path.join(folder, `${page}-${i}.mjs`), runnable(block, replace));
      return `await import('./${page}-${i}.mjs');`;
    });
    expect(files.length).toBeGreaterThan(0);
    const driver = path.join(folder, `${page}.mjs`);
    writeFileSync(driver, `${around}${before}\n${files.join('\n')}\nprocess.exit();`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [driver], {
      ...{ cwd: folder, encoding: 'utf8', timeout: 60_000, env: { ...process.env, NATS: nats } },
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(says));
    expect(status).toBe(0);
  },
  90_000,
);
