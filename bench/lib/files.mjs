// Files that the servers send, by their size: byte i is i % 251, as in a download.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const FILES = join(tmpdir(), 'owin-bench-files');

export function fileOf(bytes) {
  const path = join(FILES, `${bytes}`);
  if (existsSync(path)) return;
  mkdirSync(FILES, { recursive: true });
  writeFileSync(
    `${path}.part`,
    Buffer.alloc(bytes).map((_, i) => i % 251),
  );
  renameSync(`${path}.part`, path);
}
