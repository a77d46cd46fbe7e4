// Versions of one assembly, made of source, to be put in place of each other.
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import owin from 'owin';
import { onTestFinished } from 'vitest';

/** A class Startup whose answer is `text`, with further members and statements before it answers. */
export const answering = (text: string, statements = '', members = ''): string => `
public class Startup
{
    ${members}
    public async Task Invoke(IDictionary<string, object> env)
    {
        ${statements}
        using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync("${text}");
    }
}`;

const built = new Map<string, Promise<string>>();

/** Path of the assembly of some source. */
export function build(source: string): Promise<string> {
  let path = built.get(source);
  if (!path) {
    const handler = owin({ source });
    path = handler.ready.then(async ({ location }) => {
      await handler.close();
      return location;
    });
    built.set(source, path);
  }
  return path;
}

/** A folder of the test's own. */
export function testFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Puts the assembly of some source, with its symbols, into a folder; returns its path there. */
export async function deploy(folder: string, source: string): Promise<string> {
  const assembly = await build(source);
  const target = path.join(folder, 'App.dll');
  for (const extension of ['.pdb', '.dll']) {
    const from = assembly.replace(/\.dll$/, extension);
    const to = target.replace(/\.dll$/, extension);
    cpSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  }
  return target;
}
