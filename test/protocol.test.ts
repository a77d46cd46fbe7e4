import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = path.dirname(import.meta.dirname);
const generated = [
  'src/http/frames.generated.ts',
  'src/errors.generated.ts',
  'src/cli/help.generated.ts',
  'native/frames.generated.h',
  'native/errors.generated.h',
  'dotnet/Owin.Host/Http/Frames.generated.cs',
  'dotnet/Owin.Host/Http/OwinKeys.generated.cs',
  'dotnet/Owin.Host/ErrorCodes.generated.cs',
  'docs/errors.md',
  'docs/owin-keys.md',
  'docs/marshalling.md',
];

describe('protocol/generate.mjs', () => {
  it('has written the files of this clone', () => {
    expect(check(root)).toEqual({ status: 0, stderr: '' });
  });

  describe('in a copy', () => {
    let copy: string;
    beforeAll(() => {
      copy = copyOf(['protocol', ...generated]);
      return () => rmSync(copy, { recursive: true });
    });

    it.each(generated)('names %s when it was edited, and writes it again', (name) => {
      const file = path.join(copy, name);
      const before = readFileSync(file, 'utf8');
      appendFileSync(file, 'edited\n');
      const { status, stderr } = check(copy);
      expect(stderr).toContain(`Stale: ${name}. Run "npm run build:protocol"`);
      expect(status).toBe(1);
      expect(generate(copy)).toEqual({ status: 0, stderr: '' });
      expect(readFileSync(file, 'utf8')).toBe(before);
    });

    it('names every file that is missing', () => {
      const bare = copyOf(['protocol']);
      onTestFinished(() => rmSync(bare, { recursive: true }));
      const { status, stderr } = check(bare);
      expect(status).toBe(1);
      for (const name of generated) expect(stderr).toContain(name);
    });

    it('writes what both languages read when a frame is added', () => {
      const changed = copyOf(['protocol']);
      onTestFinished(() => rmSync(changed, { recursive: true }));
      const frames = path.join(changed, 'protocol/frames.json');
      const text = readFileSync(frames, 'utf8').replace('"abort": {', '"abortNew": {');
      writeFileSync(frames, text);
      expect(generate(changed).status).toBe(0);
      const read = (name: string) => readFileSync(path.join(changed, name), 'utf8');
      expect(read('src/http/frames.generated.ts')).toMatch(/abortNew: 6,/);
      expect(read('dotnet/Owin.Host/Http/Frames.generated.cs')).toMatch(/AbortNew = 6;/);
    });
  });
});

function copyOf(names: string[]): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'owin-protocol-'));
  for (const name of names)
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  return copy;
}

function check(folder: string) {
  return generate(folder, '--check');
}

function generate(folder: string, ...args: string[]) {
  const script = path.join(folder, 'protocol/generate.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stderr };
}
