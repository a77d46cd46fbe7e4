import { OwinError } from '../errors.ts';

/** One message of the compiler or the build. */
export interface Diagnostic {
  /** Absolute path; empty for a message about no file. */
  file: string;
  /** Counted from 1; 0 for a message about a whole file. */
  line: number;
  /** As the line. */
  column: number;
  /** `CS1002`, `NU1101`, `MSB4006`, … */
  code: string;
  /** What the compiler says, without the place. */
  message: string;
}

// path(line,column): error CS1002: text [project], where place and project may be missing
const MESSAGE =
  /^\s*(?:(?<file>.+?)(?:\((?<line>\d+),(?<column>\d+)[^)]*\))?\s*:\s+)?error (?<code>[A-Z]+\d+): (?<message>.*?)(?: \[[^\]]+\])?$/;

/** The errors in what a compiler or a build wrote, each once. */
export function readDiagnostics(output: string): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const line of output.split(/\r?\n/)) {
    const groups = MESSAGE.exec(line)?.groups;
    if (!groups) continue;
    const diagnostic = {
      file: groups['file'] ?? '',
      line: Number(groups['line'] ?? 0),
      column: Number(groups['column'] ?? 0),
      code: groups['code'] as string,
      message: groups['message'] as string,
    };
    found.set(describe(diagnostic), diagnostic);
  }
  return [...found.values()];
}

/** `file:line:column CS1002 message` */
function describe({ file, line, column, code, message }: Diagnostic): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return [place, code, message].filter(Boolean).join(' ');
}

/**
 * The error of a source that does not compile, a line for each message.
 *
 * @param output all that was written; it stands in the message where no message is found in it
 */
export function compileError(what: string, output: string): OwinError {
  const diagnostics = readDiagnostics(output);
  const lines = diagnostics.length > 0 ? diagnostics.map(describe) : [output.trim()];
  const error = new OwinError(
    'ERR_OWIN_COMPILE',
    [`${what} does not compile:`, ...lines].join('\n'),
  );
  error.diagnostics = diagnostics;
  return error;
}

/** The compiler says so of a source that is a program, with code outside of any type, and is compiled as a library. */
export const isProgram = (output: string): boolean => /\berror CS8805\b/.test(output);
