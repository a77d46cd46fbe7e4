import { existsSync, statSync, watch } from 'node:fs';
import path from 'node:path';

/** Looks at the inputs of an app until it is closed. */
export interface Watcher {
  close(): void;
}

// A build writes several files one after the other.
const SETTLE_MS = 50;
const BINARY = /\.(dll|exe|pdb|deps\.json|config)$/i;
// What a build makes, and what is hidden.
const MADE = /^(bin|obj|node_modules|\..*)$/;

/**
 * Watches the inputs of an app: of an assembly the binaries in its folder, of source the file, of a project or a folder
 * everything in it but what is built or hidden.
 *
 * Always through a folder: a file is often replaced instead of written, and whoever watches the file alone is left with
 * the old one.
 *
 * @param changed called when they have changed, and nothing more has for 50 ms
 * @param failed called when the system can watch a folder no longer
 */
export function watchInputs(
  inputs: string[],
  changed: () => void,
  failed: (error: Error) => void,
): Watcher {
  let timer: NodeJS.Timeout | undefined;
  const watchers = inputs.map((input) => {
    const isFolder = !!statSync(input, { throwIfNoEntry: false })?.isDirectory();
    const matters = isFolder ? isSource : besides(input);
    const folder = isFolder ? input : path.dirname(input);
    if (!existsSync(folder)) return undefined;
    const watcher = watch(folder, { recursive: isFolder, persistent: false }, (_, name) => {
      if (name !== null && !matters(name)) return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
    return watcher.on('error', failed);
  });
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher?.close();
    },
  };
}

const isSource = (name: string): boolean => !name.split(path.sep).some((each) => MADE.test(each));

/** What is read together with the file. */
function besides(file: string): (name: string) => boolean {
  const base = path.basename(file);
  return BINARY.test(base) ? (name) => BINARY.test(name) : (name) => name === base;
}
