import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testNames } from './support/test-names.ts';

// contract.json: each row of the OWIN contract that this server keeps, and the tests that show it.
interface Row {
  id: string;
  row: string;
  /** `file > describe > test`, as they stand in test/integration. */
  tests?: string[];
  /** Why a row, or a part of it, is not kept yet. */
  later?: string;
}

const sections: { section: string; rows: Row[] }[] = JSON.parse(
  fs.readFileSync(new URL('contract.json', import.meta.url), 'utf8'),
);
const rows = sections.flatMap(({ rows }) => rows);
const folder = fileURLToPath(new URL('integration/', import.meta.url));
const known = new Set(
  fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => testNames(folder + file)),
);

describe('every row of the contract', () => {
  test('has a name of its own', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  test.each(rows)('$id has tests, or says why not yet', ({ tests, later }) => {
    expect(tests?.length || later).toBeTruthy();
  });

  test.each(rows)('$id names tests that exist', ({ tests = [] }) => {
    expect(tests.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(sections)('$section is there', ({ rows }) => {
    expect(rows.length).toBeGreaterThan(0);
  });
});
