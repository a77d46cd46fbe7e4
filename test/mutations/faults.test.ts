import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { faults } from './faults.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/testing-ourselves.md');

test('each fault fits the sources, once', () => {
  const fitsOnce = ({ file, from }: (typeof faults)[number]) => read(file).split(from).length === 2;
  expect(faults.filter((fault) => !fitsOnce(fault)).map(({ name }) => name)).toEqual([]);
});

test('each is told of in docs/testing-ourselves.md, and nothing else is', () => {
  const rows = [...page.matchAll(/^\| (?:● )?(.+?) \| `[^`]+` \|/gm)].map(([, fault]) => fault);
  expect(rows.map((row) => row?.replaceAll('`', '')).sort()).toEqual(
    faults.map(({ fault }) => fault.replaceAll('`', '')).sort(),
  );
});
