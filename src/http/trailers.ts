import type { ServerResponse } from 'node:http';
import { streamOf } from './http2.ts';

/**
 * Gives the trailers to Node, name and value by turns. It sends them behind a chunked body and on HTTP/2; elsewhere
 * there is no place for them. HTTP/2 of Node's takes one line a name.
 */
export function addTrailers(res: ServerResponse, flat: readonly string[]): void {
  if (!streamOf(res)) {
    const lines: [string, string][] = [];
    for (let i = 0; i < flat.length; i += 2) lines.push([flat[i] as string, flat[i + 1] as string]);
    res.addTrailers(lines);
    return;
  }
  const byName: Record<string, string> = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const before = byName[name];
    byName[name] = before === undefined ? (flat[i + 1] as string) : `${before}, ${flat[i + 1]}`;
  }
  res.addTrailers(byName);
}
