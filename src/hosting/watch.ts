import path from 'node:path';
import { watch } from 'chokidar';

/** Looks at the inputs of an app until it is closed. */
export interface Watcher {
  close(): Promise<void>;
}

// A build writes several files one after the other.
const SETTLE_MS = 50;
const BINARY = /\.(dll|exe|pdb|deps\.json|config)$/i;
const MADE = new Set(['bin', 'obj', 'node_modules']);

/**
 * Watches the inputs of an app: of an assembly the binaries in its folder, of source the file, of a project or a folder
 * everything in it but what is built or hidden.
 *
 * @param changed called when they have changed, and nothing more has for 50 ms
 */
export function watchInputs(inputs: string[], changed: () => void): Watcher {
  const folders = inputs.map((input) => (isBinary(input) ? path.dirname(input) : input));
  const watcher = watch(folders, {
    ignoreInitial: true,
    ignored: (file, stats) => {
      if (folders.includes(file)) return false;
      if (!inputs.some((input) => isBinary(input) && path.dirname(input) === path.dirname(file)))
        return isMade(path.basename(file));
      return stats ? !stats.isFile() || !isBinary(file) : false;
    },
  });
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  });
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

const isBinary = (file: string): boolean => BINARY.test(file);

const isMade = (name: string): boolean => MADE.has(name) || name.startsWith('.');
