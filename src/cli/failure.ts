import { OwinError } from '../errors.ts';
import { errorHelp } from './help.generated.ts';

// With file and line, and none of the server's.
const APP_FRAME = /^ +at (?!Owin\.Host\.).* in .+:line \d+$/;

/**
 * An error as a terminal shows it: what happened, where in the app's own source, what led to it, and what to do. The
 * frames of frameworks and of this package are left out.
 */
export function describeFailure(error: unknown): string {
  const help = error instanceof OwinError ? [errorHelp[error.code]] : [];
  return [...describe(error), ...help].join('\n');
}

/** Prints an error and ends the process with 1. */
export function fail(error: unknown): never {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
}

function describe(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { name, message, cause } = error;
  const title = error instanceof OwinError ? `${message} (${error.code})` : `${name}: ${message}`;
  const below = [cause, ...innerErrors(error)].filter((each) => each !== undefined);
  return [title, ...appFrames(error), ...below.flatMap(describe).map((line) => `  ${line}`)];
}

const innerErrors = (error: Error): unknown[] =>
  'errors' in error && Array.isArray(error.errors) ? error.errors : [];

const appFrames = ({ stack = '' }: Error): string[] =>
  stack.split('\n').filter((line) => APP_FRAME.test(line));
