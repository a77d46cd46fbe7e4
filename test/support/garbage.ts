import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees everything of JavaScript's that nobody can reach any more. */
export const collectGarbage: () => void = runInNewContext('gc');
